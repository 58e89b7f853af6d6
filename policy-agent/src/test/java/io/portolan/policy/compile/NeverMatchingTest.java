package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.linux.nft.NftRule;
import io.portolan.policy.calico.CalicoPolicies;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.Policy;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What no packet can meet is not programmed, nor tested twice. */
class NeverMatchingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param rule of Calico, with single quotes for double ones
   * @param programmed what the kernel's rules test, separated by bars
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {'protocol':'UDP','notProtocol':'UDP'}                                                    ; ``
          {'protocol':'TCP','notProtocol':'UDP'}                                                    ; `meta l4proto tcp`
          {'notProtocol':'UDP'}                                                                     ; `meta l4proto != udp`
          {'ipVersion':6,'source':{'nets':['10.0.0.0/8']}}                                          ; ``
          {'ipVersion':4,'protocol':'ICMPv6','icmp':{'type':128}}                                   ; ``
          {'protocol':'ICMP','notProtocol':1}                                                       ; ``
          {'source':{'nets':['10.0.0.0/8'],'notNets':['10.0.0.0/8']}}                               ; ``
          {'source':{'nets':['10.0.0.1/32'],'notNets':['10.0.0.1/32']}}                             ; ``
          {'source':{'nets':['10.0.0.1/32'],'notNets':['10.0.0.2/32']}}                             ; `ct original ip saddr 10.0.0.1 ct original ip saddr != 10.0.0.2`
          {'protocol':'TCP','destination':{'ports':[80],'notPorts':[80]}}                           ; ``
          {'protocol':'TCP','destination':{'ports':['80:90'],'notPorts':['80:90']}}                 ; ``
          {'protocol':'TCP','destination':{'notPorts':[80]}}                                        ; `meta l4proto tcp ct reply proto-src != 80`
          {'protocol':'ICMP','icmp':{'type':8},'notICMP':{'type':8}}                                ; ``
          """)
  void programs(String rule, String programmed) throws Exception {
    String policy =
        "{'metadata':{'namespace':'shop','name':'p'},'spec':{'ingress':[{'action':'Deny',"
            + rule.substring(1)
            + "]}}";
    Policy decoded =
        ((ClusterChange.PolicySeen)
                CalicoPolicies.networkPolicy(JSON.readTree(policy.replace('\'', '"')))
                    .change()
                    .orElseThrow())
            .policy();
    assertThat(decoded.problems()).isEmpty();
    assertThat(
            PolicyLowering.lower(decoded, Direction.INGRESS, Optional.empty(), Reporting.NONE)
                .rules()
                .stream()
                .map(NeverMatchingTest::tests)
                .collect(Collectors.joining(" | ")))
        .isEqualTo(programmed);
  }

  /** Without what follows from the action. */
  private static String tests(NftRule rule) {
    return rule.toString().replaceAll(" ?counter .*", "");
  }
}
