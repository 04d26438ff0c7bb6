/** What the store throws while its database cannot be asked at all: nothing is wrong with the question, and later it is answered. */
export class DatabaseAway extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'DatabaseAway';
  }
}
