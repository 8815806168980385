/** What an operator must never read. An unknown topic or group is the exception: Apache prints its own trace for that. */
export const trouble =
  /NullPointerException|ClassCastException|JSONException|NumberFormatException|RemotingTimeoutException|RemotingConnectException/;

/** What the two clusters do not have in common. */
export interface Names {
  readonly cluster: string;
  readonly brokerName: string;
}

/** Whether the consumer committed for its empty retry queue before it closed is a matter of milliseconds. */
const retryProgress = /^%RETRY%(Admin|Online)Group\s+BROKER\s+0\s+0\s+0\s/;

/** 5.x notes a topic's own name among the groups that subscribe to it (its ConsumerManager adds the wrong one). */
const ownNameAsGroup = /^CLUSTER\s+(\S+)\s+\1\s*$/;

/** The same in what a query says of who consumed the message. */
const ownNameAsTrack = /MessageTrack \[consumerGroup=AdminTraffic,[^\]]*\]/g;

/** Apache's client logs to the same output. */
const logLine = /^\d\d:\d\d:\d\d[.,]\d+ .*(INFO|WARN)/;

/** Topics and groups of other suites on the same servers. */
const ofOthers = /\b(topic|auto|group|producers|shared|lite|pull|consumer)-[0-9a-f]{8}/;

/** Lines as lists of cells: sorted where a hash map gave their order, and without what can not be equal. */
export function rowsOf(printed: string, scene: Names, countless = false): string[][] {
  return (
    printed
      .replace(ownNameAsTrack, '')
      .split('\n')
      .filter((line) => line.trim() !== '' && !ofOthers.test(line) && !logLine.test(line))
      .map((line) => mask(line, scene))
      .filter((line) => !ownNameAsGroup.test(line) && !retryProgress.test(line))
      // How many messages other suites sent: zero or not.
      .map((line) => (countless ? line.replace(/\b[1-9]\d*\b/g, 'N') : line))
      .toSorted()
      .map((line) => line.split(/\s+/).filter((cell) => cell !== ''))
  );
}

function mask(line: string, scene: Names): string {
  return (
    line
      .replaceAll(scene.brokerName, 'BROKER')
      .replaceAll(scene.cluster, 'CLUSTER')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(,\d+)?/g, 'TIME')
      .replace(/\b1[6-9]\d{11}\b/g, 'MILLIS')
      .replace(/\bV\d_\d+_\d+(_SNAPSHOT)?\b/g, 'VERSION')
      .replace(/\d+\.\d+\.\d+\.\d+@[\w#-]+/g, 'CLIENT')
      .replace(/(127\.0\.0\.1|\d+\.\d+\.\d+\.\d+):\d+/g, 'ADDRESS')
      .replace(/\b[0-9A-F]{32,56}\b/g, 'ID')
      .replace(/https?:\/\/rocketmq\.apache\.org\S*/g, 'URL')
      .replace(/\b\d+\.\d+(\(\S*\))?/g, 'RATE')
      // 5.x: how far its timer is behind, and consumers' rates in whole numbers.
      .replace(/\b\d+-\d+\(RATEw/, 'TIMER(RATEw')
      .replace(/\b(OFFLINE|CLUSTERING|BROADCASTING)\s+\d+/, '$1 RATE')
      .replace(/(commitLogOffset|CommitLogOffset|physicOffset|storeSize|bodyCRC)=\d+/g, '$1=N')
      .replace(/(CommitLog Offset:\s+|by the offset, )\d+/, '$1N')
  );
}
