CREATE TABLE "core"."place_file" (
	"sha256" text NOT NULL,
	"holds" text NOT NULL,
	"file_name" text NOT NULL,
	"bytes" bigint NOT NULL,
	"source" text NOT NULL,
	"licence" text NOT NULL,
	"as_of" date NOT NULL,
	"features" integer NOT NULL,
	"imported_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "place_file_sha256_holds_pk" PRIMARY KEY("sha256","holds")
);
--> statement-breakpoint
CREATE TABLE "core"."stratum_point" (
	"point_id" text PRIMARY KEY NOT NULL,
	"latitude" double precision NOT NULL,
	"longitude" double precision NOT NULL,
	"stratum" smallint NOT NULL,
	"block_code" text,
	"source" text NOT NULL,
	"licence" text NOT NULL,
	"as_of" date NOT NULL,
	CONSTRAINT "stratum_point_range" CHECK ("core"."stratum_point"."stratum" between 1 and 6)
);
--> statement-breakpoint
CREATE TABLE "ops"."absence_decision" (
	"absence_decision_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ops"."absence_decision_absence_decision_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" bigint NOT NULL,
	"decided_at" timestamp (3) with time zone NOT NULL,
	"decided_by" text NOT NULL,
	"note" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ops"."absence_surge" (
	"run_scope_id" bigint PRIMARY KEY NOT NULL,
	"listings" integer NOT NULL,
	"absent" integer NOT NULL,
	"expected" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ops"."worker_host" (
	"host" text PRIMARY KEY NOT NULL,
	"token" text NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "core"."listing_location" DROP CONSTRAINT "listing_location_quality_word";--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "conflicts" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "evidence" jsonb;--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "estimated_stratum" smallint;--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "estimated_stratum_confidence" real;--> statement-breakpoint
ALTER TABLE "core"."poi" ADD COLUMN "geometry" jsonb;--> statement-breakpoint
ALTER TABLE "ops"."run" ADD COLUMN "detail_plan" jsonb;--> statement-breakpoint
ALTER TABLE "ops"."run_scope" ADD COLUMN "link_plan" jsonb;--> statement-breakpoint
ALTER TABLE "raw"."page" ADD COLUMN "pruned_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "ops"."absence_decision" ADD CONSTRAINT "absence_decision_run_id_run_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "ops"."run"("run_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ops"."absence_surge" ADD CONSTRAINT "absence_surge_run_scope_id_run_scope_run_scope_id_fk" FOREIGN KEY ("run_scope_id") REFERENCES "ops"."run_scope"("run_scope_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD CONSTRAINT "listing_location_quality_word" CHECK ("core"."listing_location"."geo_quality" in ('exact', 'approximate', 'centroid', 'shared_pin', 'outside', 'missing'));