import { topicNameProblem, type TopicConfig } from '../../protocol/src/index.js';

interface BrokerNames {
  readonly clusterName: string;
  readonly brokerName: string;
  readonly brokerAddr: string;
}

/** Host names and the like: wider than topics, but no blanks, no control characters and nothing that means a path. */
const legalBrokerName = /^(?!\.{1,2}$)[^\p{C}\p{Z}/\\]{1,255}$/u;

/**
 * Why a broker cannot register like this, or undefined when it can. Apache takes any text; names that could forge a log
 * line, or mean a path to whoever makes a file of them, stop here.
 */
export function registrationProblem(broker: BrokerNames, topics: Iterable<TopicConfig>): string | undefined {
  for (const name of ['clusterName', 'brokerName', 'brokerAddr'] as const) {
    if (!legalBrokerName.test(broker[name])) return `${name} ${shown(broker[name])} is no name of a broker`;
  }
  for (const { topicName } of topics) {
    const problem = registeredTopicProblem(topicName, broker);
    if (problem !== undefined) return `topic ${shown(topicName)}: ${problem}`;
  }
  return undefined;
}

/**
 * Every broker has topics named after itself and its cluster (and some with such a name inside), and a broker is called
 * after its host by default: dots are legal there.
 */
function registeredTopicProblem(topic: string, { brokerName, clusterName }: BrokerNames): string | undefined {
  if (topicNameProblem(topic) === undefined) return undefined;
  const rest = topic.replaceAll(brokerName, '').replaceAll(clusterName, '');
  return rest === '' && topic !== '' ? undefined : topicNameProblem(rest);
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 128));
}
