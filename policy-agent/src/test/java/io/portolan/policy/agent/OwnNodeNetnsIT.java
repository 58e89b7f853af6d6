package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections between a pod and its node. */
class OwnNodeNetnsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final IpAddress NODE = IpAddress.parse("198.18.0.1");
  private static final IpAddress NODE6 = IpAddress.parse("2001:db8:1::1");
  private static final IpAddress POD = IpAddress.parse("10.0.0.1");
  private static final IpAddress POD6 = IpAddress.parse("fd00::1");

  private static ClusterChange seen(String plural, String name, String spec) throws Exception {
    var object =
        JSON.readTree(
            ("{'metadata':{'namespace':'shop','name':'" + name + "'},'spec':" + spec + "}")
                .replace('\'', '"'));
    return plural.isEmpty()
        ? new ClusterChange.PolicySeen(NetworkPolicies.decode(object))
        : CalicoKinds.own(plural).seen().apply(object).change().orElseThrow();
  }

  @Test
  void onlyWhatThePodOpensIsJudgedAndNotByNetworkPolicy() throws Exception {
    try (NetworkLab lab = new NetworkLab();
        EchoServers servers = new EchoServers()) {
      Host pod = lab.attach("vpod", List.of(POD, POD6));
      Host node = new Host(lab.node(), "lo", List.of(NODE, NODE6));
      NetworkLab.run(
          lab.node(),
          "sh",
          "-c",
          "ip addr add " + NODE.toCidr() + " dev lo && ip addr add " + NODE6.toCidr() + " dev lo");
      servers.serve(pod, 80);
      servers.serve(node, 80);
      Enforcer enforcer =
          new Enforcer(lab.tables(), () -> {}, new RecordingObserver(), InstantSource.system());
      enforcer.start();
      enforcer.apply(new ClusterChange.NamespaceSeen("shop", Map.of()));
      PodName name = new PodName("shop", "web");
      enforcer.apply(
          new ClusterChange.PodSeen(
              new ClusterPod(
                  name, "uid", Map.of(), "", false, List.of(POD, POD6), List.of(), Instant.EPOCH)));
      enforcer.apply(
          new ClusterChange.PodWired(new LocalPod(name, "uid", "vpod", List.of(POD, POD6))));
      enforcer.apply(seen("", "np", "{'podSelector':{},'policyTypes':['Ingress','Egress']}"));
      enforcer.synced();
      enforcer.commit();
      for (IpAddress own : List.of(NODE, NODE6)) {
        assertThat(Connecting.connects(pod, own, 80)).as("NetworkPolicy").isTrue();
      }
      try (SocketChannel open = pod.tcp(POD)) {
        open.connect(new InetSocketAddress(NODE.toInetAddress(), 80));
        assertThat(answers(open, 10_000)).isTrue();

        enforcer.apply(
            seen(
                "globalnetworkpolicies",
                "closed",
                "{'order':1,'types':['Ingress','Egress'],"
                    + "'ingress':[{'action':'Deny'}],"
                    + "'egress':[{'action':'Deny'}]}"));
        enforcer.commit();
        enforcer.proveGeneration();
        assertThat(answers(open, 300)).as("cut").isFalse();
      }
      // With neighbours that have to be asked for.
      for (Host host : List.of(pod, node)) {
        NetworkLab.run(host.namespace(), "sh", "-c", "ip -6 neigh flush all nud permanent || true");
      }
      for (IpAddress own : List.of(NODE, NODE6)) {
        assertThat(Connecting.isSilent(pod, own, 80)).as("Calico").isTrue();
      }
      for (IpAddress own : List.of(POD, POD6)) {
        assertThat(Connecting.connects(node, own, 80)).as("the kubelet's probes").isTrue();
      }
    }
  }

  private static boolean answers(SocketChannel channel, long millis) throws Exception {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    boolean sent = false;
    while (System.nanoTime() < end) {
      if (channel.finishConnect()) {
        if (!sent) {
          channel.write(ByteBuffer.wrap(new byte[] {1}));
          sent = true;
        }
        if (channel.read(ByteBuffer.allocate(8)) > 0) {
          return true;
        }
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return false;
  }
}
