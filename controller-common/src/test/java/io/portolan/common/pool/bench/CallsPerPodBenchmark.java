package io.portolan.common.pool.bench;

/**
 * Prints tables of EC2 calls and waiting times of scale-outs of three sizes, the same in every run
 * with the same seed.
 *
 * <p>Arguments, all optional: nodes of the largest (1000; a tenth and a half of it come first),
 * pods per node (30), seed (1).
 */
public final class CallsPerPodBenchmark {
  private CallsPerPodBenchmark() {}

  public static void main(String[] arguments) {
    int nodes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
    int pods = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 30;
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : 1;
    String separator = "";
    for (int size : new int[] {nodes / 10, nodes / 2, nodes}) {
      if (size > 0) {
        System.out.print(separator + table(size, pods, seed));
        separator = "\n";
      }
    }
  }

  static String table(int nodes, int podsPerNode, long seed) {
    Workload workload = Workload.scaleOut(nodes, podsPerNode, seed);
    return nodes
        + " nodes (m5.xlarge) join within 60 s, "
        + podsPerNode
        + " pods each are bound within 10 s of joining; seed "
        + seed
        + ".\n\n"
        + Result.HEADER
        + new PortolanRun(seed, false).run("Portolan, reserve 2", workload).row()
        + new PortolanRun(seed, true).run("Portolan, reserve 2, /28 prefixes", workload).row()
        + new WarmPoolRun(0, 0, seed).run("warm pool, WARM_ENI_TARGET=1 (default)", workload).row()
        + new WarmPoolRun(5, 0, seed).run("warm pool, WARM_IP_TARGET=5", workload).row()
        + new WarmPoolRun(2, podsPerNode + 2, seed)
            .run("warm pool, WARM_IP_TARGET=2, MINIMUM_IP_TARGET=" + (podsPerNode + 2), workload)
            .row();
  }
}
