import {defineRules} from './rule.ts';

/** What is advertised at all; and rows and records that never became an observation. */
export const ADVERT_RULES = defineRules({
  test_advert: {
    effects: ['excluded'],
    sees: 'title or text that is a trial of the form: "prueba botmaker", "aviso de prueba", lorem ipsum, rows of keys',
    does: 'keeps it out of statistics and models',
    why: 'live portals carry their own tests; nothing is for sale',
    example: {
      given: {title: 'Prueba botmaker'},
      field: 'title',
      value: 'prueba botmaker',
      result: 'Prueba botmaker',
    },
  },
  rights_only: {
    effects: ['excluded'],
    sees: 'a text that offers rights or a contract: "cesión de derechos", "derechos herenciales", possession, proindiviso',
    does: 'keeps it out of statistics and models',
    why: 'the price is not that of a home with its deed',
    example: {
      given: {description: 'cedo derechos fiduciarios de apartamento'},
      field: 'description',
      value: 'cedo derechos',
      result: 'cedo derechos fiduciarios de apartamento',
    },
  },
  project: {
    effects: ['excluded'],
    sees: 'an advert of a project with several homes',
    does: 'keeps it out of statistics and models',
    why: 'its price and area are a "from … to …"',
    example: {given: {isProject: true}, field: 'isProject', value: 'true', result: 'true'},
  },
  off_plan: {
    effects: ['excluded'],
    sees: 'a home sold before it is built, by the portal’s field or the advert’s text ("sobre planos")',
    does: 'marks it, and keeps it out of statistics and models',
    why: 'it is paid in instalments over years',
    example: {given: {isOffPlan: true}, field: 'isOffPlan', value: 'true', result: 'true'},
  },
  auction: {
    effects: ['excluded'],
    sees: 'a home sold by a court or bank, by the portal’s field or the advert’s text ("remate bancario")',
    does: 'marks it, and keeps it out of statistics and models',
    why: 'the price is a first bid; it is never "cheap"',
    example: {
      given: {description: 'REMATES BANCARIOS: casa de 87 mts'},
      field: 'isAuction',
      value: 'remates bancarios',
      result: 'true',
    },
  },
  no_property_type: {
    effects: ['excluded'],
    sees: 'an advert without a type that Raíz knows',
    does: 'keeps it out of statistics and models',
    why: 'without a type no bound and no comparison holds',
    example: {given: {propertyType: null}, field: 'propertyType', value: '', result: 'null'},
  },
  row_shape: {
    effects: ['rejected'],
    sees: 'a row of a file with more or fewer cells than the header has columns',
    does: 'leaves the row out; it stands in raw.rejected_record',
    why: 'which cell belongs to which column can’t be known',
    example: {field: 'row', value: '17 cells under 48 columns', result: 'no observation'},
  },
  no_id: {
    effects: ['rejected'],
    sees: 'a row without a listing number',
    does: 'leaves the row out; it stands in raw.rejected_record',
    why: 'nothing could be followed over time',
    example: {field: 'row', value: 'an empty number', result: 'no observation'},
  },
  no_day: {
    effects: ['rejected'],
    sees: 'a row whose day can’t be read',
    does: 'leaves the row out; it stands in raw.rejected_record',
    why: 'an observation is of a day',
    example: {field: 'row', value: '31/02/2021', result: 'no observation'},
  },
  repeated_in_day: {
    effects: ['rejected'],
    sees: 'a listing that stands twice under one day of a file',
    does: 'keeps the row whose content has the smaller hash; the others stand in raw.rejected_record',
    why: 'one advert has one state a day, whatever the order of rows',
    example: {field: 'row', value: 'the same number twice', result: 'one observation'},
  },
  record_shape: {
    effects: ['rejected'],
    sees: 'a record of a page without a field that it must have',
    does: 'leaves the record out; it stands in raw.rejected_record with the path',
    why: 'a portal that changes its pages must be noticed, not guessed',
    example: {field: 'record', value: 'no price at $.price.amount', result: 'no observation'},
  },
});
