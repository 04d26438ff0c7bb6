/**
 * The elements of the list in `{"data": [{...}, {...}]}`, each as it comes: an answer of megabytes is never in memory as a whole. Any list directly in the
 * outermost object counts; elements that are no objects, too long or broken are left out and counted.
 */
import { type JsonObject, jsonObject } from './json-object.ts';

export type ElementLimits = { readonly most: number; readonly longest: number };

const [QUOTE, BACKSLASH, LIST, LIST_END, OBJECT, OBJECT_END] = [34, 92, 91, 93, 123, 125];
/** Of what is in the outermost object, and of the elements of its list. */
const [MEMBER, ELEMENT] = [2, 3];

export class JsonElements {
  readonly #limits: ElementLimits;
  readonly #tell: (element: JsonObject) => void;
  #told = 0;
  #leftOut = 0;
  #depth = 0;
  #isList = false;
  #sawList = false;
  #isText = false;
  #isEscaped = false;
  /** The beginning of an element whose end is still to come. */
  #open: string | undefined;

  constructor(limits: ElementLimits, tell: (element: JsonObject) => void) {
    this.#limits = limits;
    this.#tell = tell;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  /** False for what is no such answer: a page, an error. */
  get sawList(): boolean {
    return this.#sawList;
  }

  push(text: string): void {
    let from = this.#open === undefined ? -1 : 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#isText) this.#passText(code);
      else if (code === QUOTE) this.#isText = true;
      else if (code === OBJECT || code === LIST) {
        if (this.#opens(code)) from = at;
      } else if (code === OBJECT_END || code === LIST_END) {
        if (this.#depth-- === ELEMENT && from >= 0) {
          this.#keep(text.slice(from, at + 1));
          this.#close(this.#open ?? '');
          from = -1;
        }
      }
    }
    if (from >= 0) this.#keep(text.slice(from));
  }

  #passText(code: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (code === BACKSLASH) this.#isEscaped = true;
    else if (code === QUOTE) this.#isText = false;
  }

  /** Whether an element begins here. */
  #opens(code: number): boolean {
    this.#depth++;
    if (this.#depth === MEMBER) {
      this.#isList = code === LIST;
      this.#sawList ||= this.#isList;
    }
    return this.#depth === ELEMENT && this.#isList && code === OBJECT;
  }

  /** One byte more than is allowed is enough to know that it is too long. */
  #keep(part: string): void {
    if (this.#open !== undefined && this.#open.length > this.#limits.longest) return;
    this.#open = `${this.#open ?? ''}${part}`.slice(0, this.#limits.longest + 1);
  }

  #close(text: string): void {
    this.#open = undefined;
    const element = text.length <= this.#limits.longest && this.#told < this.#limits.most ? jsonObject(text) : undefined;
    if (element === undefined) this.#leftOut++;
    else {
      this.#told++;
      this.#tell(element);
    }
  }
}
