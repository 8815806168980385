/** LanguageCode ordinals. Peers older than the language read null, so JAVA or OTHER are the safe values to send. */
// prettier-ignore
export const languageNames = [
  'JAVA', 'CPP', 'DOTNET', 'PYTHON', 'DELPHI', 'ERLANG', 'RUBY', 'OTHER', 'HTTP', 'GO', 'PHP', 'OMS', 'RUST', 'NODE_JS',
] as const;

export type LanguageName = (typeof languageNames)[number];

export function languageCode(name: LanguageName): number {
  return languageNames.indexOf(name);
}

/** Unknown codes and names read as OTHER. */
export function languageName(code: number): LanguageName {
  return languageNames[code] ?? 'OTHER';
}

export function parseLanguage(value: unknown): number {
  if (typeof value === 'number' && languageNames[value] !== undefined) return value;
  const index = languageNames.indexOf(value as LanguageName);
  return index < 0 ? languageCode('OTHER') : index;
}
