CREATE TABLE "ops"."anomaly_decision" (
	"anomaly_decision_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ops"."anomaly_decision_anomaly_decision_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"listing_id" text NOT NULL,
	"operation" text NOT NULL,
	"price_cop" bigint NOT NULL,
	"anomaly" text NOT NULL,
	"verdict" text NOT NULL,
	"model_id" text NOT NULL,
	"gap_pct" double precision NOT NULL,
	"decided_at" timestamp (3) with time zone NOT NULL,
	"decided_by" text NOT NULL,
	"note" text NOT NULL,
	CONSTRAINT "anomaly_decision_operation_word" CHECK ("ops"."anomaly_decision"."operation" in ('sale', 'rent')),
	CONSTRAINT "anomaly_decision_kind_word" CHECK ("ops"."anomaly_decision"."anomaly" in ('none', 'below_normal', 'above_normal', 'error_candidate')),
	CONSTRAINT "anomaly_decision_word" CHECK ("ops"."anomaly_decision"."verdict" in ('real', 'false'))
);
--> statement-breakpoint
ALTER TABLE "ops"."incident" DROP CONSTRAINT "incident_kind_word";--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "nearest_poi" integer[][];--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "nearest_m" smallint[][];--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "poi_counts" integer[][];--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "poi_gravity" real[];--> statement-breakpoint
ALTER TABLE "core"."poi" ADD COLUMN "poi_number" integer NOT NULL GENERATED ALWAYS AS IDENTITY (sequence name "core"."poi_poi_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1);--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "kind" text DEFAULT 'fitted' NOT NULL;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "settings" jsonb;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "comparison" jsonb;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "size_bytes" integer;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "promoted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "promoted_by" text;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "promotion_note" text;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "retired_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "ml"."score" ADD COLUMN "oddity" real DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "ml"."score" ADD COLUMN "red_flags" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "anomaly_decision_listing" ON "ops"."anomaly_decision" USING btree ("listing_id","operation","price_cop");--> statement-breakpoint
CREATE UNIQUE INDEX "model_champion" ON "ml"."model" USING btree ("operation") WHERE is_champion;--> statement-breakpoint
ALTER TABLE "core"."listing_location" DROP COLUMN "access";--> statement-breakpoint
ALTER TABLE "core"."poi" ADD CONSTRAINT "poi_number_once" UNIQUE("poi_number");--> statement-breakpoint
ALTER TABLE "ml"."model" ADD CONSTRAINT "model_kind_word" CHECK ("ml"."model"."kind" in ('fitted', 'outside'));--> statement-breakpoint
ALTER TABLE "ops"."incident" ADD CONSTRAINT "incident_kind_word" CHECK ("ops"."incident"."kind" in ('three_zeros', 'seen_drop', 'field_fill_drop', 'new_value', 'payload_keys_changed', 'gone_rate', 'duplicate_jump', 'stale', 'blocked', 'failed', 'model_drift'));