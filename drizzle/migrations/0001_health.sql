CREATE TABLE "ops"."incident" (
	"incident_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ops"."incident_incident_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"portal" text NOT NULL,
	"subject" text,
	"fingerprint" text NOT NULL,
	"observed" text NOT NULL,
	"expected" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"opening_sent_at" timestamp (3) with time zone,
	"closing_sent_at" timestamp (3) with time zone,
	"send_error" text,
	CONSTRAINT "incident_kind_word" CHECK ("ops"."incident"."kind" in ('three_zeros', 'seen_drop', 'field_fill_drop', 'new_value', 'payload_keys_changed', 'gone_rate', 'duplicate_jump', 'stale', 'blocked', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "ops"."scope_measure" (
	"run_scope_id" bigint PRIMARY KEY NOT NULL,
	"input_hash" text NOT NULL,
	"first_measured_at" timestamp (3) with time zone NOT NULL,
	"listings" integer NOT NULL,
	"listings_new" integer NOT NULL,
	"listings_changed" integer NOT NULL,
	"listings_before" integer,
	"listings_gone" integer,
	"duplicates" integer NOT NULL,
	"filled" jsonb NOT NULL,
	"blocks" integer NOT NULL,
	"seconds" double precision
);
--> statement-breakpoint
ALTER TABLE "ops"."scope_measure" ADD CONSTRAINT "scope_measure_run_scope_id_run_scope_run_scope_id_fk" FOREIGN KEY ("run_scope_id") REFERENCES "ops"."run_scope"("run_scope_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "incident_open" ON "ops"."incident" USING btree ("fingerprint") WHERE closed_at is null;