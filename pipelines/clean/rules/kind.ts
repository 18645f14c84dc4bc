import type {Rule} from './draft.ts';

/** What is sold otherwise than home by home: its price is a "from", an instalment plan or a court's. Never "cheap". */
export const excludeSpecialSales: Rule = (draft, report) => {
  if (draft.isProject)
    report('project', 'isProject', 'excluded', true, 'a project with several homes: a "from" price');
  if (draft.isOffPlan) report('off_plan', 'isOffPlan', 'excluded', true, 'sold before it is built');
  if (draft.isAuction) report('auction', 'isAuction', 'excluded', true, 'sold by auction');
};

/** Without a type no bound and no comparison holds. */
export const requireType: Rule = (draft, report) => {
  if (draft.propertyType === null)
    report('no_property_type', 'propertyType', 'excluded', null, 'the type is not known');
};
