"""A Scrapy spider for the crawl bench: the same search pages as Raíz, nothing stored.

Reads from stdin {"baseUrl", "mode", "paths", "concurrency"}; prints one JSON line with what it cost.
mode "selectors": the fields of each card by CSS selectors, then the link to the next page, as the tutorial of Scrapy does.
mode "sliced": the JSON of __NEXT_DATA__ cut out of the body, no selector made at all.
"""

import json
import re
import resource
import sys
import time

import scrapy
from scrapy import signals
from scrapy.crawler import CrawlerProcess


class SearchSpider(scrapy.Spider):
    name = "bench"

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(spider.spider_closed, signal=signals.spider_closed)
        return spider

    def __init__(self, base_url, mode, paths, **kwargs):
        super().__init__(**kwargs)
        self.start_urls = [base_url + path for path in paths]
        self.mode = mode
        self.pages = 0
        self.ids = set()

    def parse(self, response):
        self.pages += 1
        yield from self.parse_sliced(response) if self.mode == "sliced" else self.parse_selectors(response)

    def parse_selectors(self, response):
        for card in response.css("div.listingCard"):
            link = card.css("a.lc-cardCover::attr(href)").get()
            self.ids.add(link.rsplit("/", 1)[1])
            yield {
                "link": response.urljoin(link),
                "title": card.css(".lc-title::text").get(),
                "price": card.css(".lc-price strong::text").get(),
                "features": card.css(".lc-typologyTag strong::text").getall(),
                "location": card.css(".lc-location::text").get(),
                "publisher": card.css(".publisher strong::text").get(),
            }
        next_page = response.css("a.next::attr(href)").get()
        if next_page is not None:
            yield response.follow(next_page, callback=self.parse)

    def parse_sliced(self, response):
        body = response.body
        start = body.index(b">", body.index(b"__NEXT_DATA__")) + 1
        state = json.loads(body[start : body.index(b"</script", start)])
        search = state["props"]["pageProps"]["fetchResult"]["searchFast"]
        for listing in search["data"]:
            self.ids.add(str(listing["id"]))
            yield {
                "link": listing["link"],
                "title": listing["title"],
                "price": listing["price"]["amount"],
                "area": listing.get("m2Built"),
                "bedrooms": listing.get("bedrooms"),
                "bathrooms": listing.get("bathrooms"),
                "stratum": listing.get("stratum"),
                "latitude": listing.get("latitude"),
                "longitude": listing.get("longitude"),
            }
        paginator = search["paginatorInfo"]
        if paginator["currentPage"] < paginator["lastPage"]:
            first = re.sub(r"/pagina\d+$", "", response.url)
            yield scrapy.Request(f"{first}/pagina{paginator['currentPage'] + 1}", callback=self.parse)

    def spider_opened(self):
        self.started = time.monotonic()

    def spider_closed(self):
        own = resource.getrusage(resource.RUSAGE_SELF)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = {
            "pages": self.pages,
            "listings": len(self.ids),
            "seconds": time.monotonic() - self.started,
            "cpuSeconds": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
            "peakMb": peak_mb(own),
        }
        sys.stdout.write(json.dumps(result) + "\n")


def peak_mb(usage):
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024 / 1e6
    except FileNotFoundError:
        pass  # No /proc on this system: the figure of getrusage stands in.
    return usage.ru_maxrss * 1024 / 1e6


def main():
    job = json.load(sys.stdin)
    process = CrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": job["concurrency"],
            "CONCURRENT_REQUESTS_PER_DOMAIN": job["concurrency"],
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
            "USER_AGENT": "raiz-bench",
        }
    )
    process.crawl(SearchSpider, base_url=job["baseUrl"], mode=job["mode"], paths=job["paths"])
    process.start()


if __name__ == "__main__":
    main()
