import Sequencer from '@jest/test-sequencer';

// The spec files by how long they take. Without it Jest begins with the largest file where it has run none before, and
// all of these are of a few lines.
const subjects = ['java-servers', 'our-servers', 'tools', 'stores'];
const releases = ['5.3.3', '4.9.7'];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const placeOf = ({ path }) =>
      releases.findIndex((release) => path.includes(release)) * subjects.length +
      subjects.findIndex((subject) => path.includes(subject));
    return [...tests].sort((a, b) => placeOf(a) - placeOf(b));
  }
}
