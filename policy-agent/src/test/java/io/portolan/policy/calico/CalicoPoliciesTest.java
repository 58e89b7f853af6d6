package io.portolan.policy.calico;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.policy.model.Action;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Condition;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.Match;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyRule;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalicoPoliciesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Single quotes for double ones, and carets for single ones. */
  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"').replace('^', '\''));
    } catch (java.io.IOException e) {
      throw new AssertionError(text, e);
    }
  }

  /** JSON with single quotes, as a spec of policy {@code shop/p}. */
  private static Policy namespaced(String spec) {
    return policy(
        CalicoPolicies.networkPolicy(
            json("{'metadata':{'namespace':'shop','name':'p'},'spec':" + spec + "}")));
  }

  private static Policy global(String spec) {
    return policy(
        CalicoPolicies.globalNetworkPolicy(json("{'metadata':{'name':'p'},'spec':" + spec + "}")));
  }

  private static Policy policy(Decoded decoded) {
    Policy policy = ((ClusterChange.PolicySeen) decoded.change().orElseThrow()).policy();
    assertThat(decoded.problems()).isEqualTo(policy.problems());
    return policy;
  }

  @ParameterizedTest(name = "{0} means {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                                  ; ingress
          null                                                                ; ingress
          {'egress':[]}                                                       ; ingress
          {'egress':[{'action':'Allow'}]}                                     ; egress
          {'ingress':[{'action':'Allow'}],'egress':[{'action':'Allow'}]}      ; egress, ingress
          {'types':['Egress'],'ingress':[{'action':'Allow'}]}                 ; egress
          {'types':['Ingress','Egress']}                                      ; egress, ingress
          {'types':[],'egress':[{'action':'Allow'}]}                          ; egress
          {'types':'Ingress'}                                                 ; egress, ingress
          {'applyOnForward':true,'types':['Ingress']}                         ; ingress
          {'preDNAT':true,'types':['Ingress','Egress']}                       ; ingress
          """)
  void defaultsTypes(String spec, String directions) {
    assertThat(
            global(spec).directions().stream()
                .map(Direction::text)
                .sorted()
                .collect(Collectors.joining(", ")))
        .isEqualTo(directions);
  }

  @ParameterizedTest(name = "{0} reaches {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                  ; LOCAL
          {'applyOnForward':true}                             ; FORWARDED
          {'preDNAT':true,'applyOnForward':true}              ; PRE_DNAT
          {'doNotTrack':true,'applyOnForward':true}           ; UNTRACKED
          {'doNotTrack':true,'preDNAT':true}                  ; UNTRACKED
          """)
  void saysWhatOfHostsItIsAbout(String spec, Policy.Reach reach) {
    assertThat(global(spec).reach()).isEqualTo(reach);
    assertThat(namespaced(spec).reach()).isEqualTo(Policy.Reach.LOCAL);
  }

  @Test
  void standsWhereItSays() {
    Policy first = namespaced("{'tier':'net','order':10.5}");
    assertThat(first.tier() + " " + first.order()).isEqualTo("net 10.5");
    Policy last = namespaced("{'order':null}");
    assertThat(last.tier() + " " + last.order()).isEqualTo("default Infinity");
    assertThat(first.id() + " " + global("{}").id()).isEqualTo("calico/shop/p gnp/p");
  }

  @Test
  void tiesGoByNameNamespaceAndKind() {
    Policy shop = namespaced("{}");
    Policy gnp = global("{}");
    assertThat(List.of(shop, gnp).stream().sorted(Policy.IN_TIER)).containsExactly(gnp, shop);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                           ; shop: all() (inherited)
          {'selector':'a == ^b^'}                                      ; shop: a == 'b' (inherited)
          {'selector':'has(a)','serviceAccountSelector':'r == ^x^'}    ; shop: has(a) && pcsa.r == 'x' (inherited)
          """)
  void selectsPods(String spec, String subject) {
    assertThat(namespaced(spec).subject().text()).isEqualTo(subject);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                           ; (global() || all()): all() (inherited)
          {'namespaceSelector':'team == ^a^','selector':'has(b)'}      ; (team == 'a'): has(b) (inherited)
          """)
  void globalPoliciesSelectPodsAnywhere(String spec, String subject) {
    assertThat(global(spec).subject().text()).isEqualTo(subject);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {'source':{}}                                     ; ``
          {'source':null,'destination':{'nets':[]}}         ; ``
          {'ipVersion':4}                                   ; IPV4
          {'protocol':'TCP'}                                ; 6
          {'protocol':'icmpv6'}                             ; 58
          {'protocol':'UDPLite','notProtocol':17}           ; 136 & !17
          {'notProtocol':'SCTP'}                            ; !132
          {'protocol':'ICMP','icmp':{'type':8,'code':0}}    ; 1 & ICMP 8/0
          {'protocol':58,'notICMP':{'type':128}}            ; 58 & !ICMPV6 128
          {'protocol':'ICMP','icmp':{}}                     ; 1
          {'source':{'nets':['10.0.0.1/8','fd00::/8']}}     ; SOURCE 10.0.0.0/8 | SOURCE fd00::/8
          {'source':{'nets':['10.0.0.1']}}                  ; SOURCE 10.0.0.1/32
          {'destination':{'notNets':['10.0.0.0/8']}}        ; IPV4 & !DESTINATION 10.0.0.0/8
          {'protocol':'TCP','source':{'ports':[80,'90:95','web']}}  ; 6 & SOURCE 6:80-80 | SOURCE 6:90-95 | SOURCE 6:web
          {'protocol':'UDP','destination':{'notPorts':['53']}}      ; 17 & !DESTINATION 17:53-53
          {'source':{'selector':'has(a)'}}                  ; SOURCE shop: has(a)
          {'source':{'notSelector':'has(a)'}}               ; SOURCE shop: !has(a)
          {'source':{'namespaceSelector':'global()'}}       ; SOURCE (global() || !all()): all()
          {'source':{'namespaceSelector':'all()','selector':'has(a)','notSelector':'has(b)'}} ; SOURCE (all()): !has(b) && has(a)
          {'source':{'serviceAccounts':{'names':['y','x'],'selector':'has(r)'}}} ; SOURCE shop: has(pcsa.r) && projectcalico.org/serviceaccount in {'x', 'y'}
          """)
  void readsRules(String rule, String meaning) {
    Policy policy = namespaced("{'ingress':[" + withAction(rule) + "]}");
    assertThat(policy.problems()).isEmpty();
    assertThat(text(policy.ingress().getFirst())).isEqualTo(meaning);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          ingress ; {'source':{'services':{'name':'web'}}}                                          ; SOURCE service shop/web
          ingress ; {'protocol':'TCP','source':{'services':{'name':'web'},'ports':[80]}}            ; 6 & SOURCE service shop/web & SOURCE 6:80-80
          egress  ; {'protocol':'UDP','destination':{'services':{'name':'dns','namespace':'kube'}}} ; 17 & DESTINATION service kube/dns
          egress  ; {'destination':{'services':{'name':'dns'},'ports':[53]},'protocol':'TCP'}       ; !spec.egress[0].destination.services: excludes ports
          egress  ; {'source':{'services':{'name':'dns'}}}                                          ; !spec.egress[0].source.services: belongs in
          """)
  void readsServices(String direction, String rule, String meaning) {
    Policy policy = namespaced("{'" + direction + "':[" + withAction(rule) + "]}");
    if (meaning.startsWith("!")) {
      assertThat(policy.problems()).singleElement().asString().startsWith(meaning.substring(1));
    } else {
      assertThat(policy.problems()).isEmpty();
      assertThat(text((direction.equals("egress") ? policy.egress() : policy.ingress()).getFirst()))
          .isEqualTo(meaning);
    }
  }

  @Test
  void aGlobalPolicyNamesTheNamespaceOfAService() {
    Policy policy =
        global("{'egress':[{'action':'Allow','destination':{'services':{'name':'dns'}}}]}");
    assertThat(policy.problems())
        .containsExactly(
            "spec.egress[0].destination.services.namespace: a GlobalNetworkPolicy has to name it");
  }

  @Test
  void aNotSelectorOfAGlobalPolicyTakesWhatIsNoEndpointToo() {
    Policy policy = global("{'egress':[{'action':'Deny','destination':{'notSelector':'has(a)'}}]}");
    assertThat(text(policy.egress().getFirst()))
        .isEqualTo("!DESTINATION (global() || all()): has(a)");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {'ipVersion':5}                                   ; ingress[1].ipVersion: expected 4 or 6
          {'protocol':'QUIC'}                               ; ingress[1].protocol: expected TCP
          {'protocol':256}                                  ; ingress[1].protocol: expected a number from 1 to 255
          {'protocol':true}                                 ; ingress[1].protocol: expected a text
          {'icmp':{'type':8}}                               ; ingress[1].icmp: needs protocol ICMP
          {'protocol':'ICMP','icmp':{'code':8}}             ; ingress[1].icmp.code: a code needs a type
          {'protocol':'ICMP','icmp':{'type':255}}           ; ingress[1].icmp.type: expected a number from 0 to 254
          {'source':{'ports':[80]}}                         ; ingress[1].source.ports: ports need protocol
          {'protocol':'ICMP','source':{'notPorts':[80]}}    ; ingress[1].source.notPorts: ports need protocol
          {'protocol':'TCP','source':{'ports':['90:80']}}   ; ingress[1].source.ports[0]: ports 90-80
          {'protocol':'TCP','source':{'ports':[80,70000]}}  ; ingress[1].source.ports[1]: ports 70000-70000
          {'protocol':'TCP','source':{'ports':[{}]}}        ; ingress[1].source.ports[0]: expected a number
          {'source':{'nets':['10.0.0.0/8','x']}}            ; ingress[1].source.nets[1]
          {'source':{'nets':'10.0.0.0/8'}}                  ; ingress[1].source.nets: expected a list
          {'source':{'selector':'a =='}}                    ; ingress[1].source.selector: column 5
          {'source':{'selector':'global()'}}                ; ingress[1].source.selector: global()
          {'source':{'domains':['example.org']}}            ; ingress[1].source.domains: no such field
          {'source':{'services':{}}}                        ; ingress[1].source.services.name: missing
          {'source':{'services':{'name':'w','port':1}}}     ; ingress[1].source.services.port: no such field
          {'source':{'services':{'name':'w'},'selector':'all()'}}   ; ingress[1].source.services: excludes selector
          {'source':{'services':{'name':'w'},'nets':['10.0.0.0/8']}} ; ingress[1].source.services: excludes nets
          {'source':{'services':{'name':'w'},'serviceAccounts':{}}} ; ingress[1].source.services: excludes serviceAccounts
          {'destination':{'services':{'name':'w'}}}         ; ingress[1].destination.services: belongs in the source of ingress
          {'source':[]}                                     ; ingress[1].source: expected an object
          {'http':{'methods':['GET']}}                      ; ingress[1].http: not enforced yet
          {'colour':'red'}                                  ; ingress[1].colour: no such field
          """)
  void whatIsNotUnderstoodFailsClosed(String rule, String problem) {
    for (Action action : Action.values()) {
      String name = action.name().charAt(0) + action.name().substring(1).toLowerCase(Locale.ROOT);
      Policy policy =
          namespaced(
              "{'ingress':[{'action':'Allow'},"
                  + rule.replaceFirst("\\{", "{'action':'" + name + "',")
                  + "]}");
      assertThat(policy.problems()).singleElement().asString().startsWith("spec." + problem);
      assertThat(policy.ingress().getLast())
          .isEqualTo(
              action == Action.ALLOW
                  ? new PolicyRule(Action.ALLOW, List.of(Condition.anyOf(List.of())))
                  : new PolicyRule(Action.DENY, List.of()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {'ingress':[{}]}              ; spec.ingress[0].action
          {'ingress':[{'action':'x'}]}  ; spec.ingress[0].action
          {'ingress':['x']}             ; spec.ingress[0]: expected an object
          {'ingress':{}}                ; spec.ingress: expected a list
          """)
  void rulesWithoutAnActionDeny(String spec, String problem) {
    Policy policy = namespaced(spec);
    assertThat(policy.problems()).singleElement().asString().startsWith(problem);
    assertThat(policy.ingress()).containsExactly(new PolicyRule(Action.DENY, List.of()));
    assertThat(policy.directions()).containsExactly(Direction.INGRESS);
  }

  /**
   * @param kind np of shop, or gnp
   * @param meaning whom it selects, directions, and the rules of ingress
   */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          np  ; {'selector':'a =','ingress':[{'action':'Allow'}]}                               ; shop: all() (inherited) ingress
          np  ; {'selector':'a =','ingress':[{'action':'Log'},{'action':'Allow'}]}              ; shop: all() (inherited) ingress
          np  ; {'selector':'a =','ingress':[{'action':'Allow'},{'action':'Deny','protocol':'TCP'}]} ; shop: all() (inherited) ingress DENY
          np  ; {'selector':'a =','types':['Egress'],'egress':[{'action':'Pass'}]}              ; shop: all() (inherited) egress
          np  ; {'selector':3}                                                                  ; shop: all() (inherited) ingress
          np  ; {'selector':'has(a)','serviceAccountSelector':'('}                              ; shop: has(a) (inherited) ingress
          np  ; {'selector':'(','serviceAccountSelector':'has(a)'}                              ; shop: has(pcsa.a) (inherited) ingress
          np  ; {'tier':['x'],'ingress':[{'action':'Allow'}]}                                   ; shop: all() (inherited) ingress
          np  ; {'applyOnForward':'yes','ingress':[{'action':'Allow'}]}                         ; shop: all() (inherited) ingress
          np  ; 'x'                                                                             ; shop: all() (inherited) egress, ingress
          gnp ; {'selector':'a =','namespaceSelector':'has(b)'}                                 ; (has(b)): all() (inherited) ingress
          gnp ; {'selector':'has(a)','namespaceSelector':'='}                                   ; (global() || all()): has(a) (inherited) ingress
          gnp ; {'selector':'a =','ingress':[{'action':'Deny'}]}                                ; (!all()): !all() (inherited) ingress DENY
          gnp ; 'x'                                                                             ; (!all()): !all() (inherited) egress, ingress
          """)
  void whomItMayBeMeantForIsClosed(String kind, String spec, String meaning) {
    Policy policy = kind.equals("np") ? namespaced(spec) : global(spec);
    assertThat(policy.problems()).isNotEmpty();
    assertThat(
            policy.subject().text()
                + " "
                + policy.directions().stream()
                    .map(Direction::text)
                    .sorted()
                    .collect(Collectors.joining(", "))
                + policy.ingress().stream()
                    .map(rule -> " " + rule.action() + text(rule))
                    .collect(Collectors.joining()))
        .isEqualTo(meaning);
  }

  @Test
  void objectsWithoutANameAreNothing() {
    assertThat(CalicoPolicies.networkPolicy(json("{'metadata':{'name':'p'}}")))
        .isEqualTo(Decoded.nothing("metadata.namespace: missing"));
    assertThat(CalicoPolicies.globalNetworkPolicy(json("[]")))
        .isEqualTo(Decoded.nothing("metadata.name: missing"));
  }

  /** Whatever stands in whatever place. */
  @Test
  void nothingThrows() {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    Random random = new Random(seed);
    String[] values = {
      "null", "1", "-1", "1e99", "'x'", "''", "[]", "{}", "[null]", "[{}]", "true"
    };
    String full =
        "{'metadata':{'namespace':'shop','name':'p','labels':{'a':'b'}},'spec':{'tier':'t','order':1,"
            + "'selector':'all()','types':['Ingress'],'doNotTrack':false,'defaultAction':'Pass',"
            + "'nets':['10.0.0.0/8'],'ingress':[{'action':'Allow','protocol':'TCP','icmp':{'type':1},"
            + "'source':{'nets':['10.0.0.0/8'],'ports':[1],'serviceAccounts':{'names':['a']}}}]}}";
    List<String> tokens = List.of(full.split("(?<=[:,\\[])|(?=[,\\]}])"));
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (String token : tokens) {
        boolean value = token.matches("'[^':]*'|[0-9]+|false");
        text.append(
            value && random.nextInt(8) == 0 ? values[random.nextInt(values.length)] : token);
      }
      JsonNode object = json(text.toString());
      for (CalicoKinds.Kind kind : CalicoKinds.OWN) {
        assertThat(kind.seen().apply(object)).as("seed %d: %s", seed, object).isNotNull();
      }
      assertThat(CalicoKinds.SERVICE_ACCOUNTS.seen().apply(object)).isNotNull();
    }
  }

  private static String withAction(String rule) {
    return rule.replaceFirst("\\{", "{'action':'Allow',");
  }

  private static String text(PolicyRule rule) {
    return rule.all().stream()
        .map(condition ->
            (condition.negated() ? "!" : "")
                + condition.any().stream()
                    .map(CalicoPoliciesTest::text)
                    .collect(Collectors.joining(" | ")))
        .collect(Collectors.joining(" & "));
  }

  private static String text(Match match) {
    return switch (match) {
      case Match.Anything _ -> "any";
      case Match.Family family -> family.family().name();
      case Match.Selected selected ->
          selected.end() + " " + selected.query().text().replace(" (inherited)", "");
      case Match.Block block -> block.end() + " " + block.cidr();
      case Match.Nodes nodes -> nodes.toString();
      case Match.Domains domains -> domains.toString();
      case Match.Service service -> service.end() + " service " + service.service();
      case Match.Whole whole -> "" + whole.protocol().number();
      case Match.Port port ->
          port.end() + " " + port.protocol().number() + ":" + port.from() + "-" + port.to();
      case Match.NamedPort port -> port.end() + " " + port.protocol().number() + ":" + port.name();
      case Match.Icmp icmp ->
          (icmp.protocol().number() == 1 ? "ICMP " : "ICMPV6 ")
              + icmp.type().orElseThrow()
              + (icmp.code().isPresent() ? "/" + icmp.code().getAsInt() : "");
    };
  }
}
