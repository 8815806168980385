/** Columns as wide as their widest cell, two blanks before each line. The last one is not filled up. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => cell.padEnd(column === cells.length - 1 ? 0 : (widths[column] ?? 0)));
    return `  ${padded.join('  ')}\n`;
  };
  return [head, ...rows].map(line).join('');
}
