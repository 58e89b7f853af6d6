package io.portolan.policy.agent;

import static io.portolan.policy.agent.Connecting.connects;
import static io.portolan.policy.agent.Connecting.isSilent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.nflog.NflogReader;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.reports.FlowLog;
import io.portolan.policy.reports.FlowRecorder;
import io.portolan.policy.reports.RotatingFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What host endpoints deny, in the flow log. */
class HostFlowLogNetnsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final IpAddress NODE = IpAddress.parse("198.18.0.1");

  private final NetworkLab lab = new NetworkLab();
  private final EchoServers servers = new EchoServers();
  private final Host near = lab.attach("eth0", List.of(IpAddress.parse("192.0.2.7")));
  private final Host node = new Host(lab.node(), "lo", List.of(NODE));
  private final Enforcer enforcer =
      new Enforcer(
          lab.tables(), () -> {}, new RecordingObserver(), InstantSource.system(), Reporting.ALL);

  @AfterEach
  void close() {
    servers.close();
    lab.close();
  }

  private void seen(String plural, String name, String spec) throws Exception {
    enforcer.apply(
        CalicoKinds.own(plural)
            .seen()
            .apply(
                JSON.readTree(
                    ("{'metadata':{'name':'" + name + "','labels':{'host':'yes'}},'spec':" + spec)
                            .replace('\'', '"')
                        + "}"))
            .change()
            .orElseThrow());
  }

  /** By its profiles, by a policy before connection tracking, before NAT, and by one after. */
  @Test
  void everyDropSaysWhoWhatAndWhy(@TempDir Path directory) throws Exception {
    NetworkLab.run(lab.node(), "ip", "addr", "add", NODE.toCidr().toString(), "dev", "eth0");
    for (int port : new int[] {22, 80, 81, 82, 83}) {
      servers.serve(node, port);
    }
    enforcer.start();
    try (KernelInterfaces interfaces = KernelInterfaces.openIn(lab.node())) {
      enforcer.apply(new ClusterChange.ThisNode("n1", interfaces.addresses()));
    }
    seen("hostendpoints", "h", "{'node':'n1','interfaceName':'eth0'}");
    seen(
        "globalnetworkpolicies",
        "raw",
        "{'selector':'all()','order':1,'doNotTrack':true,'applyOnForward':true,'types':['Ingress'],"
            + "'ingress':[{'action':'Deny','protocol':'TCP','destination':{'ports':[81]}}]}");
    seen(
        "globalnetworkpolicies",
        "addressed",
        "{'selector':'all()','order':2,'preDNAT':true,'applyOnForward':true,'types':['Ingress'],"
            + "'ingress':[{'action':'Deny','protocol':'TCP','destination':{'ports':[82]}}]}");
    enforcer.synced();
    assertThat(enforcer.commit()).isTrue();
    FlowLines written = new FlowLines(directory.resolve("flows.log"), "nobody");
    RotatingFile file = new RotatingFile(written.file(), 1_000_000, 1);
    FlowRecorder recorder = new FlowRecorder(enforcer.reportNames(), enforcer::owners, file, "n1");
    try (FlowLog log =
        FlowLog.start(
            group -> NflogReader.openIn(lab.node(), group),
            recorder,
            file,
            InstantSource.system(),
            Duration.ofMillis(100))) {
      // Whether it reads already shows by a record.
      while (!Files.exists(written.file())) {
        assertThat(isSilent(near, NODE, 80)).isTrue();
      }
      assertThat(isSilent(near, NODE, 81)).isTrue();
      assertThat(isSilent(near, NODE, 82)).isTrue();
      assertThat(connects(near, NODE, 22)).isTrue();
      written.await(3);
      seen(
          "globalnetworkpolicies",
          "guard",
          "{'selector':'all()','order':3,'types':['Ingress'],'ingress':[]}");
      assertThat(enforcer.commit()).isTrue();
      assertThat(isSilent(near, NODE, 83)).isTrue();
      written.await(4);
      assertThat(log).isNotNull();
    }
    assertThat(written.summary())
        .containsExactly(
            "denied ingress end-of-tier default guard: tcp / 192.0.2.7 > / 198.18.0.1:83",
            "denied ingress profiles  : tcp / 192.0.2.7 > / 198.18.0.1:80",
            "denied ingress rule default addressed#0: tcp / 192.0.2.7 > / 198.18.0.1:82",
            "denied untracked ingress rule default raw#0: tcp / 192.0.2.7 > / 198.18.0.1:81");
    assertThat(recorder.toString()).endsWith("overrun 0, full 0, malformed 0, failed 0");
  }
}
