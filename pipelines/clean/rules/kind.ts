import type {Rule} from './draft.ts';
import {findAuction, findOffPlanWords, findRightsWords, findTrialWords} from './telling-words.ts';

/** What is sold otherwise than home by home: its price is a "from", an instalment plan or a court's. Never "cheap". */
export const excludeSpecialSales: Rule = (draft, report) => {
  if (draft.isProject)
    report('project', 'isProject', 'excluded', true, 'a project with several homes: a "from" price');
  const offPlan = draft.isOffPlan ? true : findOffPlanWords(draft);
  if (offPlan !== null) {
    draft.isOffPlan = true;
    report('off_plan', 'isOffPlan', 'excluded', offPlan, 'sold before it is built');
  }
  const auction = draft.isAuction ? true : findAuction(draft);
  if (auction !== null) {
    draft.isAuction = true;
    report('auction', 'isAuction', 'excluded', auction, 'sold by auction');
  }
};

/** Adverts of something else than a home with its deed. */
export const excludeOtherOffers: Rule = (draft, report) => {
  const trial = findTrialWords(draft);
  if (trial !== null) report('test_advert', trial.field, 'excluded', trial.words, 'a trial of the form');
  const rights = findRightsWords(draft);
  if (rights !== null)
    report('rights_only', 'description', 'excluded', rights, 'rights or a contract, not a deed');
};

/** Without a type no bound and no comparison holds. */
export const requireType: Rule = (draft, report) => {
  if (draft.propertyType === null)
    report('no_property_type', 'propertyType', 'excluded', null, 'the type is not known');
};
