/** An error as D-Bus has it: a name for programs, a text for people. What a method throws of this kind is its reply. */
export class DbusError extends Error {
  override readonly name = 'DbusError';
  readonly dbusName: string;

  constructor(dbusName: string, message: string) {
    super(message);
    this.dbusName = dbusName;
  }
}

export const isDbusError = (error: unknown): error is DbusError => error instanceof Error && error.name === 'DbusError';

const STANDARD = 'org.freedesktop.DBus.Error';

export const invalidArguments = (text: string): DbusError => new DbusError(`${STANDARD}.InvalidArgs`, text);
export const inconsistent = (text: string): DbusError => new DbusError(`${STANDARD}.InconsistentMessage`, text);
export const disconnected = (): DbusError => new DbusError(`${STANDARD}.Disconnected`, 'the connection is closed');
