import { TREEFILE_KEYS, type TreefileKey } from '@apt-ostree/treefile/keys';
import { bold, header, item, paragraphs, reference, section, text, verbatim } from './roff.ts';

const DESCRIPTION = `A treefile says what a tree is made of. It is YAML or JSON, one document, in the language of rpm-ostree's treefiles with Debian's meanings. A key that is not listed here is an error.`;

/** treefile(5), from the table of keys. */
export function treefilePage(version: string): string {
  const of = (...statuses: TreefileKey['status'][]) => TREEFILE_KEYS.filter((k) => statuses.includes(k.status));
  return [
    header('treefile', 5, version),
    section('NAME', `treefile \\- ${text('what an operating system tree is made of')}\n`),
    section('DESCRIPTION', paragraphs(DESCRIPTION)),
    section('KEYS', of('same', 'adapted', 'addition').map(keyItem).join('')),
    section(
      'REFUSED KEYS',
      of('refused')
        .map((k) => item(bold(k.name), text(`${k.reason ?? ''}.`)))
        .join(''),
    ),
    section(
      'KEYS OF DERIVED SYSTEMS',
      of('derive').length === 0
        ? ''
        : `${text(
            `These belong to layered systems and are refused in a compose: ${of('derive')
              .map((k) => k.name)
              .join(', ')}.`,
          )}\n`,
    ),
    section(
      'SEE ALSO',
      `${['apt-ostree-compose-tree(1)', 'aot-resolve(1)', 'aot.packages(5)', 'sources.list(5)'].map(reference).join(',\n')}\n`,
    ),
  ].join('');
}

function keyItem(key: TreefileKey): string {
  const notes = [
    ...(key.values ? [`${key.type === 'one of' ? 'One' : 'Some'} of ${key.values.join(', ')}.`] : []),
    ...(key.default === undefined ? [] : [`Default: ${JSON.stringify(key.default)}.`]),
    ...(key.aliases ? [`Also: ${key.aliases.join(', ')}.`] : []),
    ...(key.status === 'addition' ? ['An addition to the language.'] : []),
  ];
  const example = key.example ? `.IP\n${verbatim(key.example)}` : '';
  return item(`${bold(key.name)} (${text(key.type)})`, text([key.description ?? '', ...notes].join(' '))) + example;
}
