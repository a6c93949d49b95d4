import type { Invariant, Json } from './invariant.ts';
import { areDistinct, asObject, asText, count, has, isAfter, objects } from './look.ts';

const START_NOT_NEEDED: ReadonlySet<unknown> = new Set(['proposed', 'cancelled', 'waitlist']);

const isHome = ({ use }: Json): boolean => use === 'home';

/** Whether a reference says that it points at something else than a type. */
const pointsElsewhere = (reference: unknown, type: string): boolean => {
  const named = /^([A-Z]\w+)\//.exec(asText(asObject(reference)?.reference))?.[1];
  return named !== undefined && named !== type;
};

/** Of organisations, and of the work around care: appointments, plans, lists, tasks, the audit. */
export const WORKFLOW: readonly Invariant[] = [
  {
    key: 'org-1',
    on: 'Organization',
    check: (organization) => has(organization, 'identifier') || has(organization, 'name'),
    text: 'org-1: An organisation has an identifier or a name.',
  },
  {
    key: 'org-2',
    on: 'Organization',
    at: 'address',
    check: ({ address }) => !objects(address).some(isHome),
    text: 'org-2: The address of an organisation is never a home.',
  },
  {
    key: 'org-3',
    on: 'Organization',
    at: 'telecom',
    check: ({ telecom }) => !objects(telecom).some(isHome),
    text: 'org-3: The telecom of an organisation is never a home.',
  },
  {
    key: 'app-1',
    on: 'Appointment.participant',
    check: (participant) => has(participant, 'type') || has(participant, 'actor'),
    text: 'app-1: A participant has a type or an actor.',
  },
  {
    key: 'app-2',
    on: 'Appointment',
    check: (appointment) => has(appointment, 'start') === has(appointment, 'end'),
    text: 'app-2: An appointment has both start and end, or neither.',
  },
  {
    key: 'app-3',
    on: 'Appointment',
    check: (appointment) => START_NOT_NEEDED.has(appointment.status) || (has(appointment, 'start') && has(appointment, 'end')),
    text: 'app-3: Only proposed, cancelled and waiting-list appointments have no start and end.',
  },
  {
    key: 'app-4',
    on: 'Appointment',
    check: (appointment) =>
      !has(appointment, 'cancelationReason') || appointment.status === 'cancelled' || appointment.status === 'noshow',
    text: 'app-4: Only cancelled and missed appointments have a cancelationReason.',
  },
  {
    key: 'apr-1',
    on: 'AppointmentResponse',
    check: (response) => has(response, 'participantType') || has(response, 'actor'),
    text: 'apr-1: A response has a participantType or an actor.',
  },
  {
    key: 'sev-1',
    on: 'AuditEvent.entity',
    check: (entity) => !has(entity, 'name') || !has(entity, 'query'),
    text: 'sev-1: Either a name or a query, not both.',
  },
  {
    key: 'cpl-3',
    on: 'CarePlan.activity',
    check: (activity) => !has(activity, 'detail') || !has(activity, 'reference'),
    text: 'cpl-3: Either a detail or a reference, not both.',
  },
  {
    key: 'ctm-1',
    on: 'CareTeam.participant',
    check: (participant) => !has(participant, 'onBehalfOf') || !pointsElsewhere(participant.member, 'Practitioner'),
    text: 'ctm-1: Only a practitioner takes part on behalf of an organisation.',
  },
  {
    key: 'cmp-1',
    on: 'Composition.section',
    check: (section) => count(section, 'text', 'entry', 'section') > 0,
    text: 'cmp-1: A section has a text, entries or sections.',
  },
  {
    key: 'cmp-2',
    on: 'Composition.section',
    check: (section) => !has(section, 'emptyReason') || !has(section, 'entry'),
    text: 'cmp-2: Only a section without entries has an emptyReason.',
  },
  {
    key: 'ces-1',
    on: 'CoverageEligibilityResponse.insurance.item',
    check: (item) => has(item, 'category') !== has(item, 'productOrService'),
    text: 'ces-1: Either a category or a productOrService.',
  },
  {
    key: 'grp-1',
    on: 'Group',
    check: (group) => !has(group, 'member') || group.actual === true,
    text: 'grp-1: Only an actual group has members.',
  },
  {
    key: 'lnk-1',
    on: 'Linkage',
    check: ({ item }) => objects(item).length > 1,
    text: 'lnk-1: A linkage has at least two items.',
  },
  {
    key: 'lst-1',
    on: 'List',
    check: (list) => !has(list, 'emptyReason') || !has(list, 'entry'),
    text: 'lst-1: Only a list without entries has an emptyReason.',
  },
  {
    key: 'lst-2',
    on: 'List',
    check: ({ mode, entry }) => mode === 'changes' || !objects(entry).some((one) => has(one, 'deleted')),
    text: 'lst-2: Only a list of changes marks entries as deleted.',
  },
  {
    key: 'lst-3',
    on: 'List',
    check: ({ mode, entry }) => mode === 'working' || !objects(entry).some((one) => has(one, 'date')),
    text: 'lst-3: Only a working list dates its entries.',
  },
  {
    key: 'mrp-1',
    on: 'MeasureReport',
    check: (report) => report.type !== 'data-collection' || !has(report, 'group'),
    text: 'mrp-1: A collection of data has no groups.',
  },
  {
    key: 'mrp-2',
    on: 'MeasureReport.group.stratifier.stratum',
    check: (stratum) => has(stratum, 'value') !== has(stratum, 'component'),
    text: 'mrp-2: A stratum has either a value or components.',
  },
  {
    key: 'qrs-1',
    on: 'QuestionnaireResponse.item',
    check: (item) => !has(item, 'answer') || !has(item, 'item'),
    text: 'qrs-1: An item has either answers or items: items below a question stand below its answer.',
  },
  {
    key: 'rqg-1',
    on: 'RequestGroup.action',
    check: (action) => has(action, 'resource') !== has(action, 'action'),
    text: 'rqg-1: An action has either a resource or actions.',
  },
  {
    key: 'prr-1',
    on: 'ServiceRequest',
    check: (request) => !has(request, 'orderDetail') || has(request, 'code'),
    text: 'prr-1: An orderDetail needs a code.',
  },
  {
    key: 'inv-1',
    on: 'Task',
    check: ({ authoredOn, lastModified }) => !isAfter(authoredOn, lastModified),
    text: 'inv-1: A task is not modified before it was written.',
  },
  {
    key: 'ipn-1',
    on: 'InsurancePlan',
    check: (plan) => has(plan, 'identifier') || has(plan, 'name'),
    text: 'ipn-1: A plan has an identifier or a name.',
  },
  {
    key: 'nsd-2',
    on: 'NamingSystem',
    check: ({ uniqueId }) =>
      areDistinct(
        objects(uniqueId)
          .filter(({ preferred }) => preferred === true)
          .map(({ type }) => type),
      ),
    text: 'nsd-2: Only one identifier of a type is preferred.',
  },
];
