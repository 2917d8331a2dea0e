import { debianArchitecture } from './architectures.ts';
import type { Place } from './place.ts';

export type VariableValue = string | number | boolean;

const CONDITION = /^\s*([A-Za-z0-9_.-]+)\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*$/s;

/** Whether `variable operator value` holds; the types of variable and value must be the same. */
export function holds(condition: string, variables: Readonly<Record<string, VariableValue>>, place: Place): boolean {
  const [, name, operator, literal] = CONDITION.exec(condition) ?? [];
  if (name === undefined || operator === undefined || literal === undefined) throw unreadable(condition, place);
  const left = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (left === undefined)
    throw place.error(`undefined variable '${name}' in a condition`, {
      hint: "set it under 'variables'",
      code: 'undefined-variable',
    });
  const right = parseLiteral(name, literal);
  if (right === undefined) throw unreadable(condition, place);
  if (typeof left !== typeof right) throw mismatch(name, left, right, place);
  return compare(left, operator, right, condition, place);
}

/** A boolean, a number, or a string in double quotes; architectures may have rpm-ostree's names. */
function parseLiteral(name: string, literal: string): VariableValue | undefined {
  if (literal === 'true' || literal === 'false') return literal === 'true';
  if (/^\d{1,15}$/.test(literal)) return Number(literal);
  const text = /^"([^"]*)"$/.exec(literal)?.[1];
  return text !== undefined && name === 'basearch' ? (debianArchitecture(text) ?? text) : text;
}

function compare(a: VariableValue, operator: string, b: VariableValue, condition: string, place: Place): boolean {
  if (operator === '==') return a === b;
  if (operator === '!=') return a !== b;
  if (typeof a === 'boolean')
    throw place.error(`cannot order booleans in condition '${condition}'`, { hint: 'use == or !=' });
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

const unreadable = (condition: string, place: Place) =>
  place.error(`cannot read condition '${condition}'`, {
    hint: "write '<variable> <operator> <value>', as in 'stream == \"testing\"'; operators are == != < <= > >=",
    code: 'bad-condition',
  });

const mismatch = (name: string, left: VariableValue, right: VariableValue, place: Place) =>
  place.error(`wrong type in a condition`, {
    detail: `variable '${name}' is a ${typeof left}, and is compared with a ${typeof right}`,
    hint: 'strings stand in double quotes, numbers and booleans do not',
    code: 'wrong-type',
  });
