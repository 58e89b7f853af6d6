package io.portolan.policy.calico;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.kube.ObjectKey;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tiers, network sets and the kinds as a whole. */
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
    var seen = (io.portolan.policy.model.ClusterChange.TierSeen) decoded.change().orElseThrow();
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
    var set =
        ((io.portolan.policy.model.ClusterChange.NetworkSetSeen) decoded.change().orElseThrow())
            .set();
    assertThat(set.namespace() + "/" + set.name() + set.labels()).isEqualTo("shop/n{a=b}");
    assertThat(set.blocks()).hasToString(nets);
    assertThat(decoded.problems().toString()).startsWith(problems);
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
            /apis/projectcalico.org/v3/globalnetworksets NetworkSetGone[namespace=, name=x]\
            """);
  }
}
