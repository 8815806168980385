import { describeJavaServers } from './suites/interop.js';

describeJavaServers('4.9.7');
