import { readFileSync } from 'node:fs';
import type { Connection } from './connection.ts';
import { DbusError, invalidArguments } from './dbus-error.ts';
import {
  type Interface,
  interfaceText,
  introspectionDocument,
  OBJECT_MANAGER,
  parseIntrospection,
  STANDARD_INTERFACES,
} from './introspection.ts';
import type { Message } from './message.ts';
import { Variant } from './variant.ts';

/** A call of a method as its implementation sees it: the arguments have the types of the interface. */
export interface MethodCall {
  args: unknown[];
  /** The caller on the bus; undefined for a peer. */
  sender: string | undefined;
  connection: Connection;
  message: Message;
}

export interface Implementation {
  /** Each returns the values of its reply. */
  methods: Record<string, (call: MethodCall) => Promise<readonly unknown[]> | readonly unknown[]>;
  /** Each returns the value of the property's type. */
  properties?: Record<string, () => unknown>;
}

const ERROR = 'org.freedesktop.DBus.Error';

/** Objects that a connection exports, with the interfaces of one introspection document. */
export class Objects {
  readonly #interfaces: Map<string, Interface>;
  readonly #xml: string;
  readonly #objects = new Map<string, Map<string, Implementation>>();
  /** The object that lists the others, if there is one. */
  readonly #manager: string | undefined;

  constructor(xml: string, manager?: string) {
    this.#xml = xml;
    this.#interfaces = new Map(parseIntrospection(xml).map((i) => [i.name, i]));
    this.#manager = manager;
  }

  /** Puts an implementation of an interface at a path; every method and property of the interface must be there. */
  add(path: string, name: string, implementation: Implementation): void {
    const there = this.#objects.get(path) ?? new Map<string, Implementation>();
    this.#objects.set(path, there.set(name, implementation));
  }

  remove(path: string): void {
    this.#objects.delete(path);
  }

  paths(): string[] {
    return [...this.#objects.keys()];
  }

  /** For `Connection.onCall`. */
  async handle(message: Message, connection: Connection): Promise<{ signature: string; body: readonly unknown[] }> {
    const path = message.path as string;
    const member = message.member as string;
    const name = message.interface ?? this.#interfaceWith(path, member);
    const definition = this.#interfaces.get(name) ?? STANDARD_INTERFACES.find((i) => i.name === name);
    const standard = this.#standard(path, name, member, message);
    const own = this.#objects.get(path)?.get(name);
    if (standard === undefined && !this.#exists(path))
      throw new DbusError(`${ERROR}.UnknownObject`, `there is no object '${path}'`);
    if (definition === undefined || (standard === undefined && own === undefined))
      throw new DbusError(`${ERROR}.UnknownInterface`, `'${path}' has no interface '${shorten(name)}'`);
    const method = definition.methods.get(member);
    const implementation = standard ?? (method && own?.methods[member]);
    if (method === undefined || implementation === undefined)
      throw new DbusError(`${ERROR}.UnknownMethod`, `'${name}' has no method '${shorten(member)}'`);
    if (message.signature !== method.in)
      throw invalidArguments(`'${member}' takes '${method.in}', not '${shorten(message.signature)}'`);
    const body = await implementation({ args: message.body, sender: message.sender, connection, message });
    return { signature: method.out, body };
  }

  /** The values of all properties of an interface at a path. */
  properties(path: string, name: string): Map<string, Variant> {
    const own = this.#objects.get(path)?.get(name);
    const types = this.#interfaces.get(name)?.properties ?? new Map<string, string>();
    return new Map(
      [...types].flatMap(([property, type]) => {
        const read = own?.properties?.[property];
        return read === undefined ? [] : [[property, new Variant(type, read())] as [string, Variant]];
      }),
    );
  }

  /** Tells all that listen which values properties have now. */
  emitChanged(connection: Connection, path: string, name: string, ...properties: string[]): void {
    const changed = new Map([...this.properties(path, name)].filter(([property]) => properties.includes(property)));
    connection.emit({
      path,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'PropertiesChanged',
      signature: 'sa{sv}as',
      body: [name, changed, []],
    });
  }

  /** Sends a signal of an interface. */
  emit(connection: Connection, path: string, name: string, member: string, ...body: unknown[]): void {
    const signature = this.#interfaces.get(name)?.signals.get(member) ?? '';
    connection.emit({ path, interface: name, member, signature, body });
  }

  #standard(
    path: string,
    name: string,
    member: string,
    message: Message,
  ): Implementation['methods'][string] | undefined {
    switch (`${name}.${member}`) {
      case 'org.freedesktop.DBus.Peer.Ping':
        return () => [];
      case 'org.freedesktop.DBus.Peer.GetMachineId':
        return () => [readFileSync('/etc/machine-id', 'utf8').trim()];
      case 'org.freedesktop.DBus.Introspectable.Introspect':
        return () => [this.#introspect(path)];
      case 'org.freedesktop.DBus.Properties.Get':
        return this.#objects.has(path) ? () => [this.#get(path, message)] : undefined;
      case 'org.freedesktop.DBus.Properties.GetAll':
        return this.#objects.has(path) ? () => [this.#getAll(path, message.body[0] as string)] : undefined;
      case 'org.freedesktop.DBus.Properties.Set':
        return this.#objects.has(path) ? () => this.#set() : undefined;
      case 'org.freedesktop.DBus.ObjectManager.GetManagedObjects':
        return path === this.#manager ? () => [this.#managed()] : undefined;
      default:
        return undefined;
    }
  }

  #get(path: string, { body: [name, property] }: Message): Variant {
    const value = this.#getAll(path, name as string).get(property as string);
    if (value === undefined)
      throw new DbusError(`${ERROR}.UnknownProperty`, `'${name}' has no property '${shorten(String(property))}'`);
    return value;
  }

  #getAll(path: string, name: string): Map<string, Variant> {
    if (STANDARD_INTERFACES.some((i) => i.name === name)) return new Map();
    if (this.#objects.get(path)?.has(name)) return this.properties(path, name);
    throw new DbusError(`${ERROR}.UnknownInterface`, `'${path}' has no interface '${shorten(name)}'`);
  }

  #set(): never {
    throw new DbusError(`${ERROR}.PropertyReadOnly`, 'no property can be set');
  }

  /** A call may leave the interface out. */
  #interfaceWith(path: string, member: string): string {
    const names = [...(this.#objects.get(path)?.keys() ?? []), ...STANDARD_INTERFACES.map((i) => i.name)];
    const all = [...this.#interfaces.values(), ...STANDARD_INTERFACES];
    return names.find((name) => all.find((i) => i.name === name)?.methods.has(member)) ?? '';
  }

  /** Also the nodes above an object can be looked into. */
  #exists(path: string): boolean {
    return this.#objects.has(path) || path === this.#manager || this.#children(path).length > 0;
  }

  #children(path: string): string[] {
    const above = path === '/' ? '/' : `${path}/`;
    const below = [...this.#objects.keys()].filter((p) => p.startsWith(above) && p !== path);
    return [...new Set(below.map((p) => p.slice(above.length).split('/')[0] as string))];
  }

  #introspect(path: string): string {
    const names = [...(this.#objects.get(path)?.keys() ?? [])];
    const texts = names.map((name) => interfaceText(this.#xml, name));
    return introspectionDocument(path === this.#manager ? [OBJECT_MANAGER, ...texts] : texts, this.#children(path));
  }

  #managed(): Map<string, Map<string, Map<string, Variant>>> {
    const others = [...this.#objects].filter(([path]) => path !== this.#manager);
    return new Map(
      others.map(([path, implementations]) => [
        path,
        new Map([...implementations.keys()].map((name) => [name, this.properties(path, name)])),
      ]),
    );
  }
}

const shorten = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}...` : text);
