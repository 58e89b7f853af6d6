package io.portolan.policy.calico;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.kube.ObjectKey;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Failsafe;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tiers, network sets, host endpoints and the kinds as a whole. */
class CalicoObjectsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          net     ; {'order':5,'defaultAction':'Pass'}           ; net 5.0 PASS                  ; []
          net     ; {}                                           ; net Infinity DENY             ; []
          net     ; {'order':null,'defaultAction':null}          ; net Infinity DENY             ; []
          net     ; {'order':'x','defaultAction':'Allow'}        ; net Infinity DENY             ; [spec.order: expected a number, taken as the last, spec.defaultAction: 'Allow' is taken as Deny]
          default ; {'order':1000000}                            ; default 1000000.0 DENY        ; []
          default ; {'order':1,'defaultAction':'Pass'}           ; default 1000000.0 DENY        ; [spec: tier default has order 1000000 and ends in DENY]
          kube-admin ; {'order':1000,'defaultAction':'Pass'}     ; kube-admin 1000.0 PASS        ; []
          """)
  void readsTiers(String name, String spec, String tier, String problems) throws Exception {
    Decoded decoded =
        CalicoTiers.tier(
            JSON.readTree(
                ("{'metadata':{'name':'" + name + "'},'spec':" + spec + "}").replace('\'', '"')));
    var seen = (ClusterChange.TierSeen) decoded.change().orElseThrow();
    assertThat(seen.tier().name() + " " + seen.tier().order() + " " + seen.tier().end())
        .isEqualTo(tier);
    assertThat(decoded.problems()).hasToString(problems);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {'nets':['10.0.0.1/8','fd00::1']} ; [10.0.0.0/8, fd00::1/128] ; []
          {}                                ; []                        ; []
          {'nets':['10.0.0.0/8','x']}       ; []                        ; [spec.nets[1]
          {'nets':{}}                       ; []                        ; [spec.nets: expected a list
          """)
  void readsNetworkSets(String spec, String nets, String problems) throws Exception {
    Decoded decoded =
        CalicoNetworkSets.networkSet(
            JSON.readTree(
                ("{'metadata':{'namespace':'shop','name':'n','labels':{'a':'b'}},'spec':"
                        + spec
                        + "}")
                    .replace('\'', '"')));
    var set = ((ClusterChange.NetworkSetSeen) decoded.change().orElseThrow()).set();
    assertThat(set.namespace() + "/" + set.name() + set.labels()).isEqualTo("shop/n{a=b}");
    assertThat(set.blocks()).hasToString(nets);
    assertThat(decoded.problems().toString()).startsWith(problems);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {'node':'n1','interfaceName':'eth0','profiles':['projectcalico-default-allow']}       ; n1 eth0 [] [] true                              ; []
          {'node':'n1','interfaceName':'*','expectedIPs':['10.0.0.1','fd00::1','10.0.0.1']}     ; n1 * [10.0.0.1, fd00::1] [] false               ; []
          {'node':'n1','expectedIPs':['10.0.0.1'],'ports':[{'name':'ssh','protocol':'TCP','port':22}]} ; n1  [10.0.0.1] [ssh tcp 22] false        ; []
          {'node':'n1','interfaceName':'eth0','profiles':['p']}                                 ; n1 eth0 [] [] false                             ; [spec.profiles: 'p' is not known and allows nothing]
          {'node':'n1'}                                                                         ; -                                               ; [spec.interfaceName: missing, and so are expectedIPs]
          {'interfaceName':'eth0'}                                                              ; -                                               ; [spec.node: missing]
          {'node':'n1','interfaceName':'abcdefghijklmnop'}                                      ; -                                               ; [spec.interfaceName: 'abcdefghijklmnop' is no interface's name]
          {'node':'n1','expectedIPs':['10.0.0.1','x']}                                          ; -                                               ; [spec.expectedIPs[1]
          {'node':'n1','interfaceName':'eth0','ports':[{'name':'ssh','port':0}]}                ; -                                               ; [spec.ports[0].port: expected a number from 1 to 65535
          """)
  void readsHostEndpoints(String spec, String endpoint, String problems) throws Exception {
    Decoded decoded =
        CalicoHosts.hostEndpoint(
            JSON.readTree(
                ("{'metadata':{'name':'h','labels':{'a':'b'}},'spec':" + spec + "}")
                    .replace('\'', '"')));
    String read =
        decoded
            .change()
            .map(change -> ((ClusterChange.HostEndpointSeen) change).endpoint())
            .map(h -> {
              assertThat(h.name() + h.labels()).isEqualTo("h{a=b}");
              return h.node()
                  + " "
                  + h.interfaceName()
                  + " "
                  + h.expected()
                  + " "
                  + h.ports().stream()
                      .map(p -> p.name() + " " + p.protocol().text() + " " + p.number())
                      .toList()
                  + " "
                  + h.allowsByProfile();
            })
            .orElse("-");
    assertThat(read).isEqualTo(endpoint);
    assertThat(decoded.problems().toString()).startsWith(problems);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                                             ; -                  ; -      ; []
          {'failsafeInboundHostPorts':[]}                                                ; []                 ; -      ; []
          {'failsafeInboundHostPorts':[{'port':22},{'protocol':'UDP','port':68}]}        ; [tcp:22, udp:68]   ; -      ; []
          {'failsafeOutboundHostPorts':[{'protocol':'tcp','port':443,'net':'10.1.2.3/8'}]} ; -                ; [tcp:10.0.0.0/8:443] ; []
          {'failsafeOutboundHostPorts':[{'protocol':'tcp','port':443,'net':'fd00::1'}]}  ; -                  ; [tcp:fd00::1/128:443] ; []
          {'failsafeInboundHostPorts':[{'port':'22'}]}                                   ; -                  ; -      ; [spec.failsafeInboundHostPorts[0].port: expected a number from 0 to 65535, not "22", so the default ports stay open]
          """)
  void readsFailsafes(String spec, String inbound, String outbound, String problems)
      throws Exception {
    Decoded decoded =
        CalicoHosts.felixConfiguration(
            JSON.readTree(
                ("{'metadata':{'name':'default'},'spec':" + spec + "}").replace('\'', '"')));
    var seen = (ClusterChange.FailsafesSeen) decoded.change().orElseThrow();
    assertThat(seen.inbound().map(Object::toString).orElse("-")).isEqualTo(inbound);
    assertThat(seen.outbound().map(Object::toString).orElse("-")).isEqualTo(outbound);
    assertThat(decoded.problems()).hasToString(problems);
  }

  /** FelixConfiguration's own defaults. */
  @Test
  void portsThatStayOpen() {
    assertThat(Failsafe.INBOUND)
        .hasToString(
            "[tcp:22, udp:68, tcp:179, tcp:2379, tcp:2380, tcp:5473, tcp:6443, tcp:6666,"
                + " tcp:6667]");
    assertThat(Failsafe.OUTBOUND)
        .hasToString(
            "[udp:53, udp:67, tcp:179, tcp:2379, tcp:2380, tcp:5473, tcp:6443, tcp:6666,"
                + " tcp:6667]");
  }

  @Test
  void whatIsGoneIsWhatWasSeen() {
    ObjectKey key = new ObjectKey("shop", "x");
    assertThat(
            CalicoKinds.OWN.stream()
                .map(kind -> kind.path().collection("") + " " + kind.gone().apply(key))
                .collect(Collectors.joining("\n")))
        .isEqualTo(
            """
            /apis/projectcalico.org/v3/tiers TierGone[name=x]
            /apis/projectcalico.org/v3/networkpolicies PolicyGone[id=calico/shop/x]
            /apis/projectcalico.org/v3/globalnetworkpolicies PolicyGone[id=gnp/shop/x]
            /apis/projectcalico.org/v3/networksets NetworkSetGone[namespace=shop, name=x]
            /apis/projectcalico.org/v3/globalnetworksets NetworkSetGone[namespace=, name=x]
            /apis/projectcalico.org/v3/hostendpoints HostEndpointGone[name=x]
            /apis/projectcalico.org/v3/felixconfigurations FailsafesSeen[name=x, inbound=Optional.empty, outbound=Optional.empty]\
            """);
  }
}
