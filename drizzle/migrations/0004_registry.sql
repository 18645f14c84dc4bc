ALTER TABLE "ml"."model" ADD COLUMN "kind" text DEFAULT 'fitted' NOT NULL;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "settings" jsonb;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "comparison" jsonb;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "size_bytes" integer;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "promoted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "promoted_by" text;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "promotion_note" text;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD COLUMN "retired_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "model_champion" ON "ml"."model" USING btree ("operation") WHERE is_champion;--> statement-breakpoint
ALTER TABLE "ml"."model" ADD CONSTRAINT "model_kind_word" CHECK ("ml"."model"."kind" in ('fitted', 'outside'));