CREATE TABLE "ops"."property_decision" (
	"property_decision_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ops"."property_decision_property_decision_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"listing_id" text NOT NULL,
	"other_listing_id" text NOT NULL,
	"verdict" text NOT NULL,
	"decided_at" timestamp (3) with time zone NOT NULL,
	"decided_by" text NOT NULL,
	"note" text NOT NULL,
	CONSTRAINT "property_decision_word" CHECK ("ops"."property_decision"."verdict" in ('join', 'split'))
);
