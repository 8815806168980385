/**
 * The room in a broker's name, `room@name`, or undefined. Blank parts at the end do not count, as in Java's `split`: "a@b@"
 * names a room, "a@" and "a@b@c" name none.
 */
export function roomOfBroker(brokerName: string): string | undefined {
  const parts = brokerName.replace(/@+$/, '').split('@');
  return parts.length === 2 ? parts[0] : undefined;
}
