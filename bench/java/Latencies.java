/** Microseconds, kept to the microsecond up to 65 ms and to the millisecond from there. One writer. */
final class Latencies {
    private static final int FINE = 65_536;
    private static final int COARSE = 60_000;
    private final int[] counts = new int[FINE + COARSE];
    private long total;

    void record(long micros) {
        int slot = micros < FINE ? (int) micros : (int) Math.min(FINE + micros / 1000, FINE + COARSE - 1);
        counts[slot]++;
        total++;
    }

    static Latencies sum(Latencies[] parts) {
        Latencies sum = new Latencies();
        for (Latencies part : parts) {
            for (int slot = 0; slot < part.counts.length; slot++) {
                sum.counts[slot] += part.counts[slot];
            }
            sum.total += part.total;
        }
        return sum;
    }

    long total() {
        return total;
    }

    /** Share from 0 to 1; null, as JSON has it, when there is none. */
    String percentile(double share) {
        if (total == 0) {
            return "null";
        }
        long left = (long) Math.ceil(total * share);
        int slot = -1;
        while (left > 0) {
            left -= counts[++slot];
        }
        return String.valueOf(slot < FINE ? slot : (slot - FINE) * 1000L);
    }
}
