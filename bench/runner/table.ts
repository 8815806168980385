/** A table in Markdown, its columns padded to their widest cell; texts stand left, what begins with a digit right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, 3, ...rows.map((row) => row[i]?.length ?? 0)));
  const isNumeric = header.map((_, i) => rows.every((row) => /^(-?\d|-?$)/.test(row[i] ?? '')));
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, i) =>
      isNumeric[i] ? (cells[i] ?? '').padStart(width) : (cells[i] ?? '').padEnd(width),
    );
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, i) => (isNumeric[i] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(header), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}
