import { type ConfigItem, showConfigValue } from '../../common/src/index.js';
import { formatTable } from './text-table.js';

const widestValue = 60;

/** The configuration as people read it: `-p` all of it, `-m` what is important. */
export function formatConfigItems(items: readonly ConfigItem[], onlyImportant: boolean): string {
  const shown = onlyImportant ? items.filter(({ key }) => key.important && !key.noEffect) : items;
  const acting = shown.filter(({ key }) => !key.noEffect && !key.unsupported);
  const refusing = shown.filter(({ key }) => key.unsupported);
  const idle = shown.filter(({ key }) => key.noEffect);
  return [
    section('In effect', acting, ({ key }) => [`${key.note}${key.live ? ' May change while it runs.' : ''}`]),
    section('Only the default is served', refusing, ({ key }) => [`Otherwise unsupported: ${key.unsupported}.`]),
    section('Accepted, without effect', idle, ({ key }) => [`No effect: ${key.noEffect}.`]),
  ].join('');
}

function section(title: string, items: readonly ConfigItem[], explain: (item: ConfigItem) => string[]): string {
  if (items.length === 0) return '';
  const rows = items.map((item) => [item.name, valueText(item), item.source ?? 'default', ...explain(item)]);
  return `${title} (${items.length})\n\n${formatTable(['KEY', 'VALUE', 'SET BY', 'EFFECT'], rows)}\n`;
}

function valueText({ key, value }: ConfigItem): string {
  const text = key.secret ? showConfigValue(key, value) : String(value);
  if (text === '') return '-';
  return text.length > widestValue ? `${text.slice(0, widestValue - 3)}...` : text;
}
