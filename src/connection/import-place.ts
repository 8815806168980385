import type { DynamicModule } from '@nestjs/common';

/** Of Nest's record of a module. */
interface ModuleRecord {
  readonly metatype: unknown;
}

const importsKey = 'imports';

/**
 * The modules that import a dynamic module, for messages to people: 'ShopModule'. Nest lists a global module as an import
 * of every module, so the words of the modules themselves are read.
 *
 * @param value - What one of the dynamic module's providers was given as `useValue`: it tells one call of `forRoot` from
 * another.
 */
export function importersOf(records: Iterable<ModuleRecord>, value: unknown): string {
  const found = new Set<string>();
  const visit = (owner: string, imports: unknown): void => {
    for (const imported of (Array.isArray(imports) ? imports : []).filter(isDynamic)) {
      const isMeant = imported.providers?.some(
        (provider) => typeof provider === 'object' && 'useValue' in provider && provider.useValue === value,
      );
      if (isMeant) found.add(owner);
      visit(imported.module.name, imported.imports);
    }
  };
  for (const { metatype } of records) {
    if (typeof metatype === 'function') visit(metatype.name, Reflect.getMetadata(importsKey, metatype));
  }
  return [...found].join(', ') || 'a module made at run time';
}

function isDynamic(imported: unknown): imported is DynamicModule {
  return typeof imported === 'object' && imported !== null && 'module' in imported;
}
