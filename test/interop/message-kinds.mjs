// Which tests of the interop run show that a kind of message works, for each cell of the table in docs/messages.md.
// A place is "suite › test"; all places of a cell must have passed. A text in place of the list says why a cell cannot be.

const onOurs = 'on our servers';
const onJava = 'on Java servers';

/** Places of an exchange between two clients of one maker. */
const exchange = (test) => ({
  'ours, ours': [`our client ${onOurs} › ${test}`],
  'ours, java': [`our client ${onJava} › ${test}`],
  'java, ours': [`Java client ${onOurs} › ${test}`],
});

const anyTime = 'delays at any time';

/** Rows by name; cells by "client, broker", for both releases of Apache or, with the release behind it, for that one. */
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
  'Delayed by levels': {
    'ours, ours, 4.9.7': [],
    'ours, ours, 5.3.3': [`${anyTime} › our client on our broker: levels and instants are kept, a recall is obeyed`],
    'ours, java, 4.9.7': ['our delays on a Java broker of 4.9 › a level is waited for, an instant is not'],
    'ours, java, 5.3.3': [`${anyTime} › our client on a Java broker: levels and instants are kept, a recall is obeyed`],
    'java, ours': [
      'retries, delays and locks on our broker › a delayed message comes with what Apache’s broker gives it, and not early',
    ],
  },
  'Delayed to any time, and cancelled': {
    'ours, ours, 4.9.7': [],
    'ours, ours, 5.3.3': [
      `${anyTime} › our client on our broker: levels and instants are kept, a recall is obeyed`,
      `${anyTime} › our client cancels what waits at a Java broker, and at ours`,
    ],
    'ours, java, 4.9.7': 'no: 4.9 delivers at once',
    'ours, java, 5.3.3': [
      `${anyTime} › our client on a Java broker: levels and instants are kept, a recall is obeyed`,
      `${anyTime} › our client cancels what waits at a Java broker, and at ours`,
    ],
    'java, ours, 4.9.7': 'no: 4.9 cannot ask for it',
    'java, ours, 5.3.3': [`${anyTime} › a Java client on our broker: levels and instants are kept, a recall is obeyed`],
  },
  'In a transaction': {
    'ours, ours': ['transactions › end as their producers say, and look as with Apache alone'],
    'ours, java': ['transactions › end as their producers say, and look as with Apache alone'],
    'java, ours': ['transactions › end as their producers say, and look as with Apache alone'],
  },
  'Filtered by SQL92': {
    'ours, ours': [
      `SQL92 filters on our broker › consumers of both makes get what the expression takes, when it comes`,
    ],
    'ours, java': [
      `SQL92 filters on a Java broker › consumers of both makes get what the expression takes, when it comes`,
    ],
    'java, ours': [
      `SQL92 filters on our broker › consumers of both makes get what the expression takes, when it comes`,
    ],
  },
  'Filtered by code of the host': {
    'ours, ours': [`filters of our broker's host › consumers of both makes subscribe to one by its name`],
    'ours, java': 'no: Apache has removed its filter servers',
    'java, ours': [`filters of our broker's host › consumers of both makes subscribe to one by its name`],
  },
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
