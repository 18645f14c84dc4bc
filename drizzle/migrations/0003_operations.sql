CREATE TABLE "ops"."worker_host" (
	"host" text PRIMARY KEY NOT NULL,
	"token" text NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "ops"."run" ADD COLUMN "detail_plan" jsonb;--> statement-breakpoint
ALTER TABLE "raw"."page" ADD COLUMN "pruned_at" timestamp (3) with time zone;