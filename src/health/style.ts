/** Of the health page; light and dark as the reader's device has it. */
export const HEALTH_STYLE = `
:root{color-scheme:light dark;--ink:#1c2321;--soft:#5d6a66;--paper:#fbfaf7;--card:#fff;--line:#dcdfd9;--complete:#2e8b63;--incomplete:#d39a1d;--blocked:#7a4fb5;--failed:#c83f36;--alert:#fdf0ee}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebe8;--soft:#9aa6a1;--paper:#151917;--card:#1d2320;--line:#343c38;--complete:#4fb98a;--incomplete:#e0b148;--blocked:#a987dd;--failed:#ee746b;--alert:#33201e}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{margin:0;font-size:1.6rem}h2{margin:1.6rem 0 .3rem;font-size:1.25rem}h3{margin:0 0 .4rem;font-size:1rem;overflow-wrap:anywhere}
p{margin:.3rem 0}small{color:var(--soft);font-size:.8em;font-weight:400}code{font-size:.9em;overflow-wrap:anywhere}
.simulated{padding:.5rem .8rem;border:2px dashed var(--incomplete);border-radius:.5rem}
.calm{margin-top:1rem;padding:.6rem .8rem;border-left:4px solid var(--complete);background:var(--card)}
.incidents ul{display:grid;gap:.7rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));margin:.5rem 0;padding:0;list-style:none}
.incidents li{padding:.8rem;border-left:4px solid var(--failed);border-radius:.3rem;background:var(--alert)}
dl{margin:0;display:grid;grid-template-columns:auto 1fr;gap:.15rem .8rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media (max-width:34rem){dl{grid-template-columns:1fr}dd{margin-bottom:.3rem}}
.scroll{overflow-x:auto;margin:.5rem 0 1rem;border:1px solid var(--line);border-radius:.4rem;background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:.86rem;font-variant-numeric:tabular-nums}
caption{padding:.4rem .7rem;text-align:left;color:var(--soft)}
th,td{padding:.35rem .7rem;text-align:right;white-space:nowrap;border-top:1px solid var(--line)}
thead th{font-weight:600;vertical-align:bottom}thead small{display:block}
th[scope=row],th:first-child{text-align:left;position:sticky;left:0;background:var(--card)}
tr.why td{border-top:0;padding-top:0;text-align:left}tr.why div{position:sticky;left:2rem;width:min(60rem,80vw);padding-left:1.15rem;white-space:normal;overflow-wrap:anywhere}
.dot{display:inline-block;width:.7rem;height:.7rem;margin-right:.45rem;border-radius:50%}
.complete{background:var(--complete)}.incomplete{background:var(--incomplete)}.blocked{background:var(--blocked)}.failed{background:var(--failed)}
details{border-top:1px solid var(--line)}summary{display:flex;gap:.8rem;align-items:center;padding:.45rem .2rem;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}summary::before{content:'▸';color:var(--soft)}details[open]>summary::before{content:'▾'}
summary .name{flex:1;min-width:0;overflow-wrap:anywhere}summary b{min-width:3.5rem;text-align:right;font-variant-numeric:tabular-nums}
.bars{display:flex;gap:2px;align-items:flex-end;height:1.4rem}.bars i{display:block;width:6px;border-radius:1px 1px 0 0}
footer{margin-top:1.5rem;color:var(--soft);font-size:.9rem}
`;
