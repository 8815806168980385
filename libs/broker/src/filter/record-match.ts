import { MessageProperty, propertyOf, recordProperties } from '../../../protocol/src/index.js';
import type { PropertySource } from './sql/sql-evaluator.js';
import type { SqlFilter } from './sql/sql-filter.js';

/** Whether a whole record of the log is wanted. The bytes are good during the call only. */
export type RecordMatch = (record: Buffer) => boolean;

export function matchesRecord(filter: SqlFilter): RecordMatch {
  return (record) => filter.matches(propertiesIn(record));
}

/** Java's ExpressionForRetryMessageFilter: what comes again without a filter of its topic is wanted. */
export function matchesRetryRecord(filterOf: (topic: string) => SqlFilter | undefined): RecordMatch {
  return (record) => {
    const properties = propertiesIn(record);
    const topic = properties.get(MessageProperty.RETRY_TOPIC);
    const filter = topic === undefined ? undefined : filterOf(topic);
    return filter === undefined || filter.matches(properties);
  };
}

/** An expression asks for few of them: the text is searched, and no map is made. */
export function propertiesIn(record: Buffer): PropertySource {
  const text = recordProperties(record);
  return { get: (name) => propertyOf(text, name) };
}
