import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.apache.rocketmq.common.ServiceThread;
import org.apache.rocketmq.remoting.netty.NettyEvent;
import org.apache.rocketmq.remoting.netty.NettyEventType;

/**
 * A client of 5.x that closes waits for a thread of its own, which sees that it is to end when an event comes, or after
 * three seconds without one. A tool closes a client with every command. Here such a thread gets an event that means
 * nothing to clients; all else of their end stays as it is.
 */
final class Farewells {
    private static final int PAUSE = 50;

    private Farewells() {
    }

    static void shorten() {
        Thread thread = new Thread(Farewells::run, "farewells");
        thread.setDaemon(true);
        thread.start();
    }

    private static void run() {
        Thread[] threads = new Thread[4096];
        try {
            for (;;) {
                Thread.sleep(PAUSE);
                int count = Thread.currentThread().getThreadGroup().enumerate(threads);
                for (int i = 0; i < count; i++) {
                    if (threads[i].getName().equals("NettyEventExecutor")) {
                        wake(taskOf(threads[i]));
                    }
                }
            }
        } catch (ReflectiveOperationException | RuntimeException | InterruptedException error) {
            // Clients close as slowly as they are made, then.
            error.printStackTrace();
        }
    }

    private static void wake(Object task) throws ReflectiveOperationException {
        if (!(task instanceof ServiceThread) || !((ServiceThread) task).isStopped()) {
            return;
        }
        Method put = task.getClass().getMethod("putNettyEvent", NettyEvent.class);
        put.setAccessible(true);
        put.invoke(task, new NettyEvent(NettyEventType.IDLE, "", null));
    }

    /** Null of a thread that has ended. */
    private static Object taskOf(Thread thread) throws ReflectiveOperationException {
        Object holder = thread;
        Field field;
        try {
            field = Thread.class.getDeclaredField("target");
        } catch (NoSuchFieldException newer) {
            Field holders = Thread.class.getDeclaredField("holder");
            holders.setAccessible(true);
            holder = holders.get(thread);
            field = holder.getClass().getDeclaredField("task");
        }
        field.setAccessible(true);
        return field.get(holder);
    }
}
