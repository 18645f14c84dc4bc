CREATE SCHEMA "core";
--> statement-breakpoint
CREATE SCHEMA "ml";
--> statement-breakpoint
CREATE SCHEMA "ops";
--> statement-breakpoint
CREATE SCHEMA "raw";
--> statement-breakpoint
CREATE TABLE "core"."listing" (
	"listing_id" text PRIMARY KEY NOT NULL,
	"portal" text NOT NULL,
	"id_space" text NOT NULL,
	"portal_listing_id" text NOT NULL,
	"url" text,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"status" text NOT NULL,
	"is_synthetic" boolean NOT NULL,
	CONSTRAINT "listing_status_word" CHECK ("core"."listing"."status" in ('active', 'missing', 'delisted', 'unknown'))
);
--> statement-breakpoint
CREATE TABLE "core"."listing_location" (
	"listing_id" text PRIMARY KEY NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"geo_quality" text NOT NULL,
	"municipality_code" text,
	"district_code" text,
	"neighbourhood_code" text,
	"access" jsonb,
	CONSTRAINT "listing_location_quality_word" CHECK ("core"."listing_location"."geo_quality" in ('exact', 'shared_pin', 'outside', 'missing'))
);
--> statement-breakpoint
CREATE TABLE "core"."listing_price" (
	"listing_id" text NOT NULL,
	"operation" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_to" timestamp (3) with time zone,
	"price_stated" bigint,
	"currency" text NOT NULL,
	"price_cop" bigint,
	"admin_fee_cop" bigint,
	"correction" text,
	CONSTRAINT "listing_price_listing_id_operation_valid_from_pk" PRIMARY KEY("listing_id","operation","valid_from"),
	CONSTRAINT "listing_price_operation_word" CHECK ("core"."listing_price"."operation" in ('sale', 'rent')),
	CONSTRAINT "listing_price_currency_word" CHECK ("core"."listing_price"."currency" in ('COP', 'USD'))
);
--> statement-breakpoint
CREATE TABLE "core"."listing_spell" (
	"listing_id" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"first_absent_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"ended_reason" text,
	CONSTRAINT "listing_spell_listing_id_started_at_pk" PRIMARY KEY("listing_id","started_at"),
	CONSTRAINT "listing_spell_end_word" CHECK ("core"."listing_spell"."ended_reason" in ('withdrawn', 'gone', 'unknown'))
);
--> statement-breakpoint
CREATE TABLE "core"."listing_status" (
	"listing_id" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_to" timestamp (3) with time zone,
	"status" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "listing_status_listing_id_valid_from_pk" PRIMARY KEY("listing_id","valid_from"),
	CONSTRAINT "listing_status_status_word" CHECK ("core"."listing_status"."status" in ('active', 'missing', 'delisted', 'unknown'))
);
--> statement-breakpoint
CREATE TABLE "core"."listing_version" (
	"listing_id" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_to" timestamp (3) with time zone,
	"payload_hash" text NOT NULL,
	"title" text,
	"description" text,
	"property_type" text,
	"department" text,
	"municipality" text,
	"district" text,
	"neighbourhood" text,
	"latitude" double precision,
	"longitude" double precision,
	"area_m2" real,
	"built_area_m2" real,
	"private_area_m2" real,
	"land_area_m2" real,
	"bedrooms" smallint,
	"bathrooms" smallint,
	"parking_spaces" smallint,
	"floor" smallint,
	"floors_count" smallint,
	"stratum" smallint,
	"age_years_min" smallint,
	"age_years_max" smallint,
	"condition" text,
	"amenities" text[] NOT NULL,
	"advertiser_kind" text,
	"agency_name" text,
	"advertiser_key" text,
	"is_project" boolean NOT NULL,
	"is_off_plan" boolean NOT NULL,
	"is_auction" boolean NOT NULL,
	"photos_count" smallint,
	"exclusions" text[] NOT NULL,
	CONSTRAINT "listing_version_listing_id_valid_from_pk" PRIMARY KEY("listing_id","valid_from"),
	CONSTRAINT "listing_version_type_word" CHECK ("core"."listing_version"."property_type" in ('apartment', 'studio', 'house', 'country_house', 'house_lot', 'cabin', 'farm', 'room', 'land', 'warehouse', 'medical_office', 'retail', 'office', 'parking', 'building')),
	CONSTRAINT "listing_version_advertiser_word" CHECK ("core"."listing_version"."advertiser_kind" in ('agency', 'private', 'developer')),
	CONSTRAINT "listing_version_condition_word" CHECK ("core"."listing_version"."condition" in ('new', 'used', 'remodelled', 'off_plan', 'under_construction'))
);
--> statement-breakpoint
CREATE TABLE "core"."place" (
	"place_code" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"parent_code" text,
	"geometry" jsonb,
	"latitude" double precision,
	"longitude" double precision,
	"source" text NOT NULL,
	"licence" text NOT NULL,
	"as_of" date NOT NULL,
	CONSTRAINT "place_kind_word" CHECK ("core"."place"."kind" in ('municipality', 'district', 'neighbourhood'))
);
--> statement-breakpoint
CREATE TABLE "core"."poi" (
	"poi_id" text PRIMARY KEY NOT NULL,
	"category" text NOT NULL,
	"name" text,
	"latitude" double precision NOT NULL,
	"longitude" double precision NOT NULL,
	"source" text NOT NULL,
	"source_id" text NOT NULL,
	"licence" text NOT NULL,
	"as_of" date NOT NULL,
	CONSTRAINT "poi_category_word" CHECK ("core"."poi"."category" in ('metro_station', 'cable_station', 'tram_station', 'brt_station', 'school', 'university', 'hospital', 'pharmacy', 'supermarket', 'mall', 'park', 'main_road', 'police', 'prison'))
);
--> statement-breakpoint
CREATE TABLE "core"."property" (
	"property_id" text PRIMARY KEY NOT NULL,
	"adverts" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "core"."property_member" (
	"listing_id" text PRIMARY KEY NOT NULL,
	"property_id" text NOT NULL,
	"reason" text NOT NULL,
	"score" real NOT NULL
);
--> statement-breakpoint
CREATE TABLE "core"."quarantine" (
	"listing_id" text NOT NULL,
	"payload_hash" text NOT NULL,
	"rule" text NOT NULL,
	"field" text NOT NULL,
	"effect" text NOT NULL,
	"value" text,
	"message" text NOT NULL,
	CONSTRAINT "quarantine_listing_id_payload_hash_rule_field_pk" PRIMARY KEY("listing_id","payload_hash","rule","field"),
	CONSTRAINT "quarantine_effect_word" CHECK ("core"."quarantine"."effect" in ('flagged', 'nulled', 'corrected', 'excluded'))
);
--> statement-breakpoint
CREATE TABLE "ml"."model" (
	"model_id" text PRIMARY KEY NOT NULL,
	"training_id" text NOT NULL,
	"algorithm" text NOT NULL,
	"operation" text NOT NULL,
	"trained_at" timestamp (3) with time zone NOT NULL,
	"training_rows" integer NOT NULL,
	"dataset_hash" text NOT NULL,
	"split_id" text NOT NULL,
	"seed" integer NOT NULL,
	"backend" text NOT NULL,
	"fit_seconds" double precision NOT NULL,
	"metrics" jsonb NOT NULL,
	"card" jsonb NOT NULL,
	"artifact" text,
	"is_champion" boolean NOT NULL,
	"is_synthetic" boolean NOT NULL,
	CONSTRAINT "model_operation_word" CHECK ("ml"."model"."operation" in ('sale', 'rent'))
);
--> statement-breakpoint
CREATE TABLE "ml"."score" (
	"listing_id" text NOT NULL,
	"operation" text NOT NULL,
	"model_id" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"price_cop" bigint NOT NULL,
	"low_cop" bigint NOT NULL,
	"mid_cop" bigint NOT NULL,
	"high_cop" bigint NOT NULL,
	"gap_pct" real NOT NULL,
	"residual_z" real NOT NULL,
	"is_out_of_fold" boolean NOT NULL,
	"anomaly" text NOT NULL,
	"reasons" jsonb NOT NULL,
	"comparables" integer NOT NULL,
	CONSTRAINT "score_listing_id_operation_model_id_pk" PRIMARY KEY("listing_id","operation","model_id"),
	CONSTRAINT "score_anomaly_word" CHECK ("ml"."score"."anomaly" in ('none', 'below_normal', 'above_normal', 'error_candidate')),
	CONSTRAINT "score_operation_word" CHECK ("ml"."score"."operation" in ('sale', 'rent'))
);
--> statement-breakpoint
CREATE TABLE "ops"."host_pace" (
	"host" text PRIMARY KEY NOT NULL,
	"next_at" timestamp (3) with time zone NOT NULL,
	"delay_ms" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ops"."issue" (
	"fingerprint" text PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"source" text NOT NULL,
	"path" text,
	"value" text,
	"message" text NOT NULL,
	"occurrences" integer DEFAULT 1 NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ops"."portal_review" (
	"portal_review_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ops"."portal_review_portal_review_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"portal" text NOT NULL,
	"reviewed_on" date NOT NULL,
	"reviewed_by" text NOT NULL,
	"may_crawl" boolean NOT NULL,
	"may_release" boolean NOT NULL,
	"may_sell" boolean NOT NULL,
	"note" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ops"."release" (
	"version" text PRIMARY KEY NOT NULL,
	"tier" text NOT NULL,
	"built_at" timestamp (3) with time zone NOT NULL,
	"input_hash" text NOT NULL,
	"listings" integer NOT NULL,
	"folder" text NOT NULL,
	"is_synthetic" boolean NOT NULL,
	"manifest" jsonb NOT NULL,
	CONSTRAINT "release_tier_word" CHECK ("ops"."release"."tier" in ('internal', 'open'))
);
--> statement-breakpoint
CREATE TABLE "ops"."run" (
	"run_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ops"."run_run_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"portal" text NOT NULL,
	"natural_key" text,
	"observed_on" date NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"verdict" text,
	"options" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"code_version" text NOT NULL,
	"is_synthetic" boolean DEFAULT false NOT NULL,
	CONSTRAINT "run_kind_word" CHECK ("ops"."run"."kind" in ('crawl', 'import')),
	CONSTRAINT "run_verdict_word" CHECK ("ops"."run"."verdict" in ('complete', 'incomplete', 'blocked', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "ops"."run_scope" (
	"run_scope_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ops"."run_scope_run_scope_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" bigint NOT NULL,
	"scope_key" text NOT NULL,
	"portal" text NOT NULL,
	"operation" text,
	"property_type" text,
	"place" text NOT NULL,
	"observed_at" timestamp (3) with time zone,
	"verdict" text,
	"verdict_reason" text,
	"announced_total" integer,
	"listings_seen" integer DEFAULT 0 NOT NULL,
	"pages_done" integer DEFAULT 0 NOT NULL,
	"pages_failed" integer DEFAULT 0 NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "run_scope_verdict_word" CHECK ("ops"."run_scope"."verdict" in ('complete', 'incomplete', 'blocked', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "ops"."stage_run" (
	"stage_run_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ops"."stage_run_stage_run_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"stage" text NOT NULL,
	"version" integer NOT NULL,
	"status" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"keys_found" integer DEFAULT 0 NOT NULL,
	"keys_done" integer DEFAULT 0 NOT NULL,
	"keys_failed" integer DEFAULT 0 NOT NULL,
	"seconds" double precision,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"message" text,
	CONSTRAINT "stage_run_status_word" CHECK ("ops"."stage_run"."status" in ('running', 'done', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "ops"."stage_state" (
	"stage" text NOT NULL,
	"key" text NOT NULL,
	"input_hash" text NOT NULL,
	"version" integer NOT NULL,
	"stage_run_id" bigint NOT NULL,
	"error" text,
	CONSTRAINT "stage_state_stage_key_pk" PRIMARY KEY("stage","key")
);
--> statement-breakpoint
CREATE TABLE "raw"."frontier" (
	"frontier_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "raw"."frontier_frontier_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" bigint NOT NULL,
	"run_scope_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"url" text NOT NULL,
	"host" text NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone,
	"not_before" timestamp (3) with time zone,
	"error" text,
	CONSTRAINT "frontier_state_word" CHECK ("raw"."frontier"."state" in ('queued', 'leased', 'done', 'failed', 'skipped')),
	CONSTRAINT "frontier_kind_word" CHECK ("raw"."frontier"."kind" in ('search', 'listing', 'sitemap'))
);
--> statement-breakpoint
CREATE TABLE "raw"."observation" (
	"listing_id" text NOT NULL,
	"payload_hash" text NOT NULL,
	"portal" text NOT NULL,
	"source_kind" text NOT NULL,
	"payload" jsonb NOT NULL,
	"staged_version" smallint NOT NULL,
	"unread" text[] DEFAULT '{}' NOT NULL,
	"is_synthetic" boolean NOT NULL,
	CONSTRAINT "observation_listing_id_payload_hash_pk" PRIMARY KEY("listing_id","payload_hash"),
	CONSTRAINT "observation_source_word" CHECK ("raw"."observation"."source_kind" in ('crawl', 'import'))
);
--> statement-breakpoint
CREATE TABLE "raw"."page" (
	"page_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "raw"."page_page_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_scope_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"url" text NOT NULL,
	"final_url" text NOT NULL,
	"status" smallint NOT NULL,
	"fetched_at" timestamp (3) with time zone NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"bytes_received" integer NOT NULL,
	"content_sha256" text,
	"file" text,
	"file_offset" bigint,
	"file_length" integer,
	CONSTRAINT "page_kind_word" CHECK ("raw"."page"."kind" in ('search', 'listing', 'sitemap')),
	CONSTRAINT "page_outcome_word" CHECK ("raw"."page"."outcome" in ('ok', 'gone', 'rejected', 'error'))
);
--> statement-breakpoint
CREATE TABLE "raw"."rejected_record" (
	"run_scope_id" bigint NOT NULL,
	"source_ref" text NOT NULL,
	"rule" text NOT NULL,
	"message" text NOT NULL,
	CONSTRAINT "rejected_record_run_scope_id_source_ref_pk" PRIMARY KEY("run_scope_id","source_ref")
);
--> statement-breakpoint
CREATE TABLE "raw"."sighting" (
	"run_scope_id" bigint NOT NULL,
	"listing_id" text NOT NULL,
	"observed_at" timestamp (3) with time zone NOT NULL,
	"payload_hash" text,
	"gone_reason" text,
	"page_id" bigint,
	"source_row" integer,
	CONSTRAINT "sighting_run_scope_id_listing_id_pk" PRIMARY KEY("run_scope_id","listing_id")
);
--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD CONSTRAINT "listing_location_listing_id_listing_listing_id_fk" FOREIGN KEY ("listing_id") REFERENCES "core"."listing"("listing_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "core"."listing_price" ADD CONSTRAINT "listing_price_listing_id_listing_listing_id_fk" FOREIGN KEY ("listing_id") REFERENCES "core"."listing"("listing_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "core"."listing_spell" ADD CONSTRAINT "listing_spell_listing_id_listing_listing_id_fk" FOREIGN KEY ("listing_id") REFERENCES "core"."listing"("listing_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "core"."listing_status" ADD CONSTRAINT "listing_status_listing_id_listing_listing_id_fk" FOREIGN KEY ("listing_id") REFERENCES "core"."listing"("listing_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "core"."listing_version" ADD CONSTRAINT "listing_version_listing_id_listing_listing_id_fk" FOREIGN KEY ("listing_id") REFERENCES "core"."listing"("listing_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "core"."property_member" ADD CONSTRAINT "property_member_listing_id_listing_listing_id_fk" FOREIGN KEY ("listing_id") REFERENCES "core"."listing"("listing_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "core"."property_member" ADD CONSTRAINT "property_member_property_id_property_property_id_fk" FOREIGN KEY ("property_id") REFERENCES "core"."property"("property_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "core"."quarantine" ADD CONSTRAINT "quarantine_listing_id_listing_listing_id_fk" FOREIGN KEY ("listing_id") REFERENCES "core"."listing"("listing_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ml"."score" ADD CONSTRAINT "score_listing_id_listing_listing_id_fk" FOREIGN KEY ("listing_id") REFERENCES "core"."listing"("listing_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ml"."score" ADD CONSTRAINT "score_model_id_model_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "ml"."model"("model_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ops"."run_scope" ADD CONSTRAINT "run_scope_run_id_run_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "ops"."run"("run_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ops"."stage_state" ADD CONSTRAINT "stage_state_stage_run_id_stage_run_stage_run_id_fk" FOREIGN KEY ("stage_run_id") REFERENCES "ops"."stage_run"("stage_run_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "raw"."frontier" ADD CONSTRAINT "frontier_run_id_run_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "ops"."run"("run_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "raw"."frontier" ADD CONSTRAINT "frontier_run_scope_id_run_scope_run_scope_id_fk" FOREIGN KEY ("run_scope_id") REFERENCES "ops"."run_scope"("run_scope_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "raw"."page" ADD CONSTRAINT "page_run_scope_id_run_scope_run_scope_id_fk" FOREIGN KEY ("run_scope_id") REFERENCES "ops"."run_scope"("run_scope_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "raw"."rejected_record" ADD CONSTRAINT "rejected_record_run_scope_id_run_scope_run_scope_id_fk" FOREIGN KEY ("run_scope_id") REFERENCES "ops"."run_scope"("run_scope_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "raw"."sighting" ADD CONSTRAINT "sighting_run_scope_id_run_scope_run_scope_id_fk" FOREIGN KEY ("run_scope_id") REFERENCES "ops"."run_scope"("run_scope_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "raw"."sighting" ADD CONSTRAINT "sighting_page_id_page_page_id_fk" FOREIGN KEY ("page_id") REFERENCES "raw"."page"("page_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "listing_portal_id" ON "core"."listing" USING btree ("portal","id_space","portal_listing_id");--> statement-breakpoint
CREATE INDEX "listing_version_open" ON "core"."listing_version" USING btree ("listing_id","valid_to");--> statement-breakpoint
CREATE INDEX "poi_category" ON "core"."poi" USING btree ("category");--> statement-breakpoint
CREATE INDEX "property_member_property" ON "core"."property_member" USING btree ("property_id");--> statement-breakpoint
CREATE INDEX "quarantine_rule" ON "core"."quarantine" USING btree ("rule");--> statement-breakpoint
CREATE INDEX "model_training" ON "ml"."model" USING btree ("training_id");--> statement-breakpoint
CREATE INDEX "score_model" ON "ml"."score" USING btree ("model_id","anomaly");--> statement-breakpoint
CREATE UNIQUE INDEX "run_natural_key" ON "ops"."run" USING btree ("natural_key");--> statement-breakpoint
CREATE INDEX "run_portal" ON "ops"."run" USING btree ("portal","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "run_scope_key" ON "ops"."run_scope" USING btree ("run_id","scope_key");--> statement-breakpoint
CREATE INDEX "run_scope_history" ON "ops"."run_scope" USING btree ("scope_key","observed_at");--> statement-breakpoint
CREATE INDEX "stage_run_stage" ON "ops"."stage_run" USING btree ("stage","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "frontier_url" ON "raw"."frontier" USING btree ("run_scope_id","url");--> statement-breakpoint
CREATE INDEX "frontier_next" ON "raw"."frontier" USING btree ("run_id","state","frontier_id");--> statement-breakpoint
CREATE INDEX "page_run_scope" ON "raw"."page" USING btree ("run_scope_id");--> statement-breakpoint
CREATE INDEX "page_url" ON "raw"."page" USING btree ("url");--> statement-breakpoint
CREATE INDEX "sighting_listing" ON "raw"."sighting" USING btree ("listing_id");--> statement-breakpoint
CREATE INDEX "sighting_page" ON "raw"."sighting" USING btree ("page_id");