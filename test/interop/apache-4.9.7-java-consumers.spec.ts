import { describeJavaConsumers } from './suites/interop.js';

describeJavaConsumers('4.9.7');
