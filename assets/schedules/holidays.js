// Public holidays of Korea, 2024 to 2030; the names are words (schedules.holiday.…).
//
// By 공휴일에 관한 법률 and 관공서의 공휴일에 관한 규정: from 2026 노동절 is one, and 제헌절 again. A substitute (제3조) is the next day that is none:
// for 국경일, 노동절, 어린이날, 부처님오신날 and 기독탄신일 on a Saturday, a Sunday or another holiday; for 설날 and 추석 on a Sunday or another holiday;
// none for 1 January and 현충일. 설날, 추석 and 부처님오신날 follow the moon over Seoul: 설날 of 2027 and 2028 is a day after China's.
// Elections and temporary holidays (관보) stand here once they are known; those yet to be called are missing.
import { language, t, timeZone } from '../text/index.js';

/** @type {Record<string, string>} */
const EVERY_YEAR = {
  '01-01': 'newYear', '03-01': 'independence', '05-05': 'children', '06-06': 'memorial', '08-15': 'liberation',
  '10-03': 'foundation', '10-09': 'hangeul', '12-25': 'christmas',
};
const FIRST_YEAR = 2024;
const LAST_YEAR = 2030;
/** @type {Record<string, string>} */
const SINCE_2026 = { '05-01': 'labour', '07-17': 'constitution' };

/** The middle one of three days. */
const SEOLLAL = ['2024-02-10', '2025-01-29', '2026-02-17', '2027-02-07', '2028-01-27', '2029-02-13', '2030-02-03'];
const CHUSEOK = ['2024-09-17', '2025-10-06', '2026-09-25', '2027-09-15', '2028-10-03', '2029-09-22', '2030-09-12'];
const BUDDHA = ['2024-05-15', '2025-05-05', '2026-05-24', '2027-05-13', '2028-05-02', '2029-05-20', '2030-05-09'];
const ELECTIONS = ['2024-04-10', '2025-06-03', '2026-06-03', '2028-04-12'];
const TEMPORARY = ['2024-10-01', '2025-01-27'];

/** Day → the holiday that it stands in for. @type {Record<string, string>} */
const SUBSTITUTES = {
  '2024-02-12': 'seollal', '2024-05-06': 'children',
  '2025-03-03': 'independence', '2025-05-06': 'children', '2025-10-08': 'chuseok',
  '2026-03-02': 'independence', '2026-05-25': 'buddha', '2026-08-17': 'liberation', '2026-10-05': 'foundation',
  '2027-02-09': 'seollal', '2027-05-03': 'labour', '2027-07-19': 'constitution', '2027-08-16': 'liberation', '2027-10-04': 'foundation', '2027-10-11': 'hangeul', '2027-12-27': 'christmas',
  '2028-10-05': 'chuseok',
  '2029-05-07': 'children', '2029-05-21': 'buddha', '2029-09-24': 'chuseok',
  '2030-02-05': 'seollal', '2030-05-06': 'children',
};

/** @typedef {{ name: string, isSubstitute: boolean }} Holiday */

/** @type {Map<string, Holiday[]>} */
const holidays = new Map();

/** @param {string} day @param {string} name */
function add(day, name, isSubstitute = false) {
  holidays.set(day, [...holidays.get(day) ?? [], { name, isSubstitute }]);
}

/** @param {string} day @param {number} count */
const near = (day, count) => new Date(Date.parse(day) + count * 86_400_000).toISOString().slice(0, 10);

for (const middle of SEOLLAL) for (const [count, name] of /** @type {const} */ ([[-1, 'seollalEve'], [0, 'seollal'], [1, 'seollalNext']])) add(near(middle, count), name);
for (const middle of CHUSEOK) for (const [count, name] of /** @type {const} */ ([[-1, 'chuseokEve'], [0, 'chuseok'], [1, 'chuseokNext']])) add(near(middle, count), name);
for (let year = FIRST_YEAR; year <= LAST_YEAR; year += 1) {
  for (const [day, name] of Object.entries({ ...EVERY_YEAR, ...(year >= 2026 ? SINCE_2026 : {}) })) add(`${year}-${day}`, name);
}
BUDDHA.forEach((day) => add(day, 'buddha'));
ELECTIONS.forEach((day) => add(day, 'election'));
TEMPORARY.forEach((day) => add(day, 'temporary'));
for (const [day, name] of Object.entries(SUBSTITUTES)) add(day, name, true);

const NONE = /** @type {Holiday[]} */ ([]);

/** The holidays of a day; now and then there are two. @param {string} day @returns {Holiday[]} */
export const holidaysOn = (day) => holidays.get(day) ?? NONE;

/** Every day that is one. */
export const allHolidays = () => [...holidays.keys()].sort();

// The names of a day's public holidays, where they are observed: for who reads Korean or lives by Seoul's clocks.

/** @param {string} day @returns {string[]} */
export function holidayNames(day) {
  if (language.value !== 'ko' && timeZone.value !== 'Asia/Seoul') return [];
  return holidaysOn(day).map(({ name, isSubstitute }) => (isSubstitute ? t('schedules.substitute', { name: t(`schedules.holiday.${name}`) }) : t(`schedules.holiday.${name}`)));
}
