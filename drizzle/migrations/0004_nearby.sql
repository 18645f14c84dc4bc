ALTER TABLE "core"."listing_location" ADD COLUMN "nearest_poi" integer[][];--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "nearest_m" smallint[][];--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "poi_counts" integer[][];--> statement-breakpoint
ALTER TABLE "core"."listing_location" ADD COLUMN "poi_gravity" real[];--> statement-breakpoint
ALTER TABLE "core"."poi" ADD COLUMN "poi_number" integer NOT NULL GENERATED ALWAYS AS IDENTITY (sequence name "core"."poi_poi_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1);--> statement-breakpoint
ALTER TABLE "core"."listing_location" DROP COLUMN "access";--> statement-breakpoint
ALTER TABLE "core"."poi" ADD CONSTRAINT "poi_number_once" UNIQUE("poi_number");