// The spec files by how long they take. Jest of its own begins with the largest file where it has run none before, and all
// of these are of a few lines.
const subjects = ['our-servers', 'java-servers', 'java-consumers', 'tools', 'stores'];
const releases = ['5.3.3', '4.9.7'];

// oxlint-disable-next-line import/no-default-export -- Jest asks for it.
export default class LongestFirst {
  sort(tests) {
    const placeOf = ({ path }) =>
      releases.findIndex((release) => path.includes(release)) * subjects.length +
      subjects.findIndex((subject) => path.includes(subject));
    return tests.toSorted((a, b) => placeOf(a) - placeOf(b));
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}
