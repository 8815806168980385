// The spec files by how long they take. Jest of its own begins with the largest file where it has run none before, and all
// of these are of a few lines.
const longestFirst = [
  '5.3.3-our-servers',
  '5.3.3-java-servers',
  '4.9.7-java-servers',
  '4.9.7-our-servers',
  '5.3.3-java-consumers',
  '5.3.3-tools',
  '4.9.7-stores',
  '4.9.7-tools',
  '5.3.3-stores',
];

// oxlint-disable-next-line import/no-default-export -- Jest asks for it.
export default class LongestFirst {
  sort(tests) {
    const placeOf = ({ path }) => longestFirst.findIndex((name) => path.includes(name));
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
