// Which tests of the interop run show that a kind of message works, for each cell of the table in docs/messages.md.
// A place is "suite › test"; all places of a cell must have passed. A text in braces is why a cell cannot be.

const onOurs = 'on our servers';
const onJava = 'on Java servers';

/** Places of an exchange between two clients of one maker. */
const exchange = (test) => ({
  'ours, ours': [`our client ${onOurs} › ${test}`],
  'ours, java': [`our client ${onJava} › ${test}`],
  'java, ours': [`Java client ${onOurs} › ${test}`],
});

/** Rows by name; cells by "client, broker", for both releases of Apache or, with the release behind it, for one. */
export const kinds = {
  'Ordinary: sync, async, one-way': exchange('every kind of send arrives once, with body, tags, keys and properties'),
  'In order, by key': {
    'ours, ours': [
      `our push consumer ${onOurs} › two orderly members of ours and one of Java keep the order while members leave`,
    ],
    'ours, java': [
      `our push consumer ${onJava} › two orderly members of ours and one of Java keep the order while members leave`,
    ],
    'java, ours': [
      'retries, delays and locks on our broker › two orderly members share out the queues and keep their order, also when one leaves',
    ],
  },
  Batch: exchange('a batch takes consecutive offsets and arrives as single messages'),
  'Large, compressed': exchange('a big body travels compressed and arrives whole'),
  Broadcast: exchange('broadcasting gives every consumer every message'),
  'Filtered by tags': exchange('a tag expression lets only its tags through'),
  'Request and reply': {
    'ours, ours': [`requests and replies ${onOurs} › a request of ours, the reply of ours`],
    'ours, java': [`requests and replies ${onJava} › a request of ours, the reply of ours`],
    'java, ours': [
      `requests and replies ${onOurs} › a request of java, the reply of ours`,
      `requests and replies ${onOurs} › a request of ours, the reply of java`,
    ],
  },
  'Traced, and tracked': {
    'ours, ours': [`traces and tracks ${onOurs} › traces of ours are read by mqadmin and by us`],
    'ours, java': [`traces and tracks ${onJava} › traces of ours are read by mqadmin and by us`],
    'java, ours': [`traces and tracks ${onOurs} › traces of java are read by mqadmin and by us`],
  },
  'Retried, then a dead letter': {
    'ours, ours': [
      `our push consumer ${onOurs} › messages that fail come again and end as dead letters, as they do for Java`,
    ],
    'ours, java': [
      `our push consumer ${onJava} › messages that fail come again and end as dead letters, as they do for Java`,
    ],
    'java, ours': [
      'retries, delays and locks on our broker › what a consumer refuses comes again, later with each try, and is what it was',
      'retries, delays and locks on our broker › what was tried often enough lies with the dead letters',
    ],
  },
  'Found by key and id': {
    'ours, ours': [`our look-ups ${onOurs} › messages by key, by unique id and by place; offsets by time`],
    'ours, java': [`our look-ups ${onJava} › messages by key, by unique id and by place; offsets by time`],
    'java, ours': ['mqadmin › queryMsgByKey', 'mqadmin › queryMsgByUniqueKey', 'mqadmin › queryMsgById'],
  },
};
