/** An interface as its introspection document describes it. */
export interface Interface {
  name: string;
  methods: Map<string, { in: string; out: string }>;
  properties: Map<string, string>;
  signals: Map<string, string>;
}

/** Reads a document of our own (D-Bus specification, "Introspection Data Format"): no general XML. */
export function parseIntrospection(xml: string): Interface[] {
  const text = xml.replace(/<!--[\s\S]*?-->/g, '');
  return [...text.matchAll(/<interface name="([^"]+)">([\s\S]*?)<\/interface>/g)].map(([, name = '', body = '']) => ({
    name,
    methods: new Map(
      members(body, 'method').map(([n, inner]) => [n, { in: types(inner, 'in'), out: types(inner, 'out') }]),
    ),
    properties: new Map(
      [...body.matchAll(/<property name="([^"]+)" type="([^"]+)"/g)].map(([, n = '', type = '']) => [n, type]),
    ),
    signals: new Map(members(body, 'signal').map(([n, inner]) => [n, types(inner, undefined)])),
  }));
}

/** The name and the inside of each element, also of an empty one. */
const members = (text: string, element: string): [string, string][] =>
  [...text.matchAll(new RegExp(`<${element} name="([^"]+)"(?:/>|>([\\s\\S]*?)</${element}>)`, 'g'))].map(
    ([, name = '', inner = '']) => [name, inner],
  );

/** The types of the arguments, one after another. An argument without a direction goes in. */
const types = (inner: string, direction: 'in' | 'out' | undefined): string =>
  [...inner.matchAll(/<arg ([^>]*?)\/?>/g)]
    .map(([, text = '']) => ({ type: attribute(text, 'type'), direction: attribute(text, 'direction') || 'in' }))
    .filter((argument) => direction === undefined || argument.direction === direction)
    .map(({ type }) => type)
    .join('');

const attribute = (text: string, name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? '';

const STANDARD = `  <interface name="org.freedesktop.DBus.Introspectable">
    <method name="Introspect"><arg name="xml" type="s" direction="out"/></method>
  </interface>
  <interface name="org.freedesktop.DBus.Peer">
    <method name="Ping"/>
    <method name="GetMachineId"><arg name="machine_uuid" type="s" direction="out"/></method>
  </interface>
  <interface name="org.freedesktop.DBus.Properties">
    <method name="Get"><arg name="interface" type="s" direction="in"/><arg name="property" type="s" direction="in"/><arg name="value" type="v" direction="out"/></method>
    <method name="GetAll"><arg name="interface" type="s" direction="in"/><arg name="properties" type="a{sv}" direction="out"/></method>
    <method name="Set"><arg name="interface" type="s" direction="in"/><arg name="property" type="s" direction="in"/><arg name="value" type="v" direction="in"/></method>
    <signal name="PropertiesChanged"><arg name="interface" type="s"/><arg name="changed" type="a{sv}"/><arg name="invalidated" type="as"/></signal>
  </interface>
`;

export const OBJECT_MANAGER = `  <interface name="org.freedesktop.DBus.ObjectManager">
    <method name="GetManagedObjects"><arg name="objects" type="a{oa{sa{sv}}}" direction="out"/></method>
    <signal name="InterfacesAdded"><arg name="object" type="o"/><arg name="interfaces" type="a{sa{sv}}"/></signal>
    <signal name="InterfacesRemoved"><arg name="object" type="o"/><arg name="interfaces" type="as"/></signal>
  </interface>
`;

export const STANDARD_INTERFACES = parseIntrospection(STANDARD + OBJECT_MANAGER);

/** The document of one object. */
export const introspectionDocument = (interfaces: readonly string[], children: readonly string[]): string =>
  [
    '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n',
    '<node>\n',
    ...(interfaces.length > 0 || children.length > 0 ? [STANDARD] : []),
    ...interfaces.map((text) => `${text.trimEnd()}\n`),
    ...children.map((name) => `  <node name="${name}"/>\n`),
    '</node>\n',
  ].join('');

/** The text of one interface out of a document. */
export function interfaceText(xml: string, name: string): string {
  const from = xml.indexOf(`<interface name="${name}">`);
  const end = '</interface>';
  return `  ${xml.slice(from, xml.indexOf(end, from) + end.length)}\n`;
}
