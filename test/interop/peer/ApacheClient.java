/** Apache's client, tools and names under remote control. */
public final class ApacheClient {
    private ApacheClient() {
    }

    public static void main(String[] args) throws Exception {
        Peer peer = new Peer();
        new Producers().register(peer);
        new Transactions().register(peer);
        new Consumers(peer).register(peer);
        new PullConsumers().register(peer);
        new LitePullConsumers().register(peer);
        new PullSchedules(peer).register(peer);
        new RequestReplies().register(peer);
        new Admins().register(peer);
        peer.on("property", arguments -> System.getProperty(arguments.getString("name")));
        peer.serve();
        System.exit(0);
    }
}
