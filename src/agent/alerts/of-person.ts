/** What is left of an alert about a device that turned out to be a person's: nothing that could name it. */
import { ALERT_CATALOGUE, type AlertCode } from '../../protocol/alert-catalogue.ts';

export const A_PERSONS = 'It turned out to belong to a person.';

export function ofPerson(code: AlertCode): { readonly title: string; readonly text: string } {
  return { title: ALERT_CATALOGUE[code].title('A device'), text: A_PERSONS };
}
