package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each sentence on how Calico decides, on {@code shop/server} (10.0.0.1, fd00::1), {@code
 * shop/client} (10.0.0.2, fd00::2, account {@code buyer} with role=api), {@code other/client}
 * (10.0.0.3, fd00::3) and a global network set with kind=office (10.0.0.0/30 and 192.0.2.0/24).
 */
class CalicoSentencesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> KINDS =
      List.of("tier", "np", "gnp", "networkset", "globalnetworkset", "hostendpoint");

  /**
   * @param objects {@code kind name spec}, separated by bars
   * @param flow source, protocol and destination port, into shop/server
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          no policy: allowed                     ; ``                                                                                        ; 10.0.0.2 6 80    ; true
          nothing matched: denied                ; np p {'types':['Ingress']}                                                                ; 10.0.0.2 6 80    ; false
          the first rule decides                 ; np p {'ingress':[{'action':'Deny','protocol':'TCP'},{'action':'Allow'}]}                  ; 10.0.0.2 6 80    ; false
          other rules follow                     ; np p {'ingress':[{'action':'Deny','protocol':'TCP'},{'action':'Allow'}]}                  ; 10.0.0.2 17 80   ; true
          log continues                          ; np p {'ingress':[{'action':'Log'},{'action':'Allow'}]}                                    ; 10.0.0.2 6 80    ; true
          lower order first                      ; np a {'order':2,'ingress':[{'action':'Deny'}]}|np b {'order':1,'ingress':[{'action':'Allow'}]} ; 10.0.0.2 6 80 ; true
          no order is last                       ; np a {'ingress':[{'action':'Deny'}]}|np b {'order':9e9,'ingress':[{'action':'Allow'}]}    ; 10.0.0.2 6 80    ; true
          ties by name                           ; np b {'order':1,'ingress':[{'action':'Deny'}]}|gnp a {'order':1,'ingress':[{'action':'Allow'}]} ; 10.0.0.2 6 80 ; true
          lower tier first                       ; tier t {'order':1}|gnp p {'tier':'t','ingress':[{'action':'Deny'}]}|np p {'order':0,'ingress':[{'action':'Allow'}]} ; 10.0.0.2 6 80 ; false
          a tier without order is last           ; tier t {}|gnp p {'tier':'t','ingress':[{'action':'Deny'}]}|np p {'ingress':[{'action':'Allow'}]} ; 10.0.0.2 6 80 ; true
          pass ends the tier                     ; tier t {'order':1}|gnp p {'tier':'t','ingress':[{'action':'Pass'},{'action':'Deny'}]}|np p {'ingress':[{'action':'Allow'}]} ; 10.0.0.2 6 80 ; true
          passed by all: the profile allows      ; np p {'ingress':[{'action':'Pass'}]}                                                      ; 10.0.0.2 6 80    ; true
          a tier may end in pass                 ; tier t {'order':1,'defaultAction':'Pass'}|gnp p {'tier':'t','types':['Ingress']}          ; 10.0.0.2 6 80    ; true
          a tier without policies is skipped     ; tier t {'order':1}|np p {'ingress':[{'action':'Allow'}]}                                  ; 10.0.0.2 6 80    ; true
          a selector means the own namespace     ; np p {'ingress':[{'action':'Allow','source':{'selector':'all()'}}]}                       ; 10.0.0.3 6 80    ; false
          all() means any namespace              ; np p {'ingress':[{'action':'Allow','source':{'namespaceSelector':'all()'}}]}              ; 10.0.0.3 6 80    ; true
          all() means no global network set      ; np p {'ingress':[{'action':'Allow','source':{'namespaceSelector':'all()'}}]}              ; 192.0.2.7 6 80   ; false
          global() means what is in no namespace ; np p {'ingress':[{'action':'Allow','source':{'namespaceSelector':'global()'}}]}           ; 192.0.2.7 6 80   ; true
          global() and an address inside         ; np p {'ingress':[{'action':'Allow','source':{'namespaceSelector':'global()'}}]}           ; 10.0.0.3 6 80    ; true
          of a gnp everywhere                    ; gnp p {'ingress':[{'action':'Allow','source':{'selector':'has(kind)'}}]}                  ; 192.0.2.7 6 80   ; true
          notSelector of a gnp takes outsiders   ; gnp p {'ingress':[{'action':'Allow','source':{'notSelector':'has(kind)'}}]}               ; 198.51.100.7 6 80 ; true
          notSelector of a gnp                   ; gnp p {'ingress':[{'action':'Allow','source':{'notSelector':'has(kind)'}}]}               ; 192.0.2.7 6 80   ; false
          notSelector keeps to the own namespace ; np p {'ingress':[{'action':'Allow','source':{'notSelector':'has(kind)'}}]}                ; 198.51.100.7 6 80 ; false
          one thing must match both              ; np p {'ingress':[{'action':'Allow','source':{'notSelector':'has(kind)'}}]}                ; 10.0.0.2 6 80    ; true
          negated selectors match endpoints only ; gnp p {'ingress':[{'action':'Allow','source':{'selector':'!has(kind)'}}]}                 ; 198.51.100.7 6 80 ; false
          service accounts by name               ; np p {'ingress':[{'action':'Allow','source':{'serviceAccounts':{'names':['buyer']}}}]}    ; 10.0.0.2 6 80    ; true
          service accounts by label              ; np p {'ingress':[{'action':'Allow','source':{'serviceAccounts':{'selector':'has(role)'}}}]} ; 10.0.0.2 6 80  ; true
          service accounts of the own namespace  ; np p {'ingress':[{'action':'Allow','source':{'serviceAccounts':{'names':['buyer']}}}]}    ; 10.0.0.3 6 80    ; false
          inherited labels                       ; gnp p {'ingress':[{'action':'Allow','source':{'selector':'has(pcns.team)'}}]}             ; 10.0.0.3 6 80    ; true
          nets of the other family               ; np p {'ingress':[{'action':'Allow','source':{'nets':['fd00::/8']}}]}                      ; 10.0.0.2 6 80    ; false
          notNets of the other family            ; np p {'ingress':[{'action':'Allow','source':{'notNets':['fe80::/10']}}]}                  ; 10.0.0.2 6 80    ; false
          notNets of the own family              ; np p {'ingress':[{'action':'Allow','source':{'notNets':['10.0.0.3/32']}}]}                ; 10.0.0.2 6 80    ; true
          negated everything                     ; np p {'ingress':[{'action':'Allow','source':{'notNets':['0.0.0.0/0']}}]}                  ; 10.0.0.2 6 80    ; false
          negated everything in the other family ; np p {'ingress':[{'action':'Allow','source':{'notNets':['0.0.0.0/0','fd00::/16']}}]}      ; fd00::2 6 80     ; false
          named ports                            ; np p {'ingress':[{'action':'Allow','protocol':'TCP','destination':{'ports':['web']}}]}    ; 10.0.0.2 6 8080  ; true
          named ports of the protocol            ; np p {'ingress':[{'action':'Allow','protocol':'UDP','destination':{'ports':['web']}}]}    ; 10.0.0.2 17 8080 ; false
          named ports of selected pods           ; gnp p {'ingress':[{'action':'Allow','protocol':'TCP','destination':{'ports':['web'],'selector':'has(kind)'}}]} ; 10.0.0.2 6 8080 ; false
          icmp of the protocol's family          ; np p {'ingress':[{'action':'Allow','protocol':'ICMP','icmp':{'type':8}}]}                 ; 10.0.0.2 1 2048  ; true
          another icmp type                      ; np p {'ingress':[{'action':'Allow','protocol':'ICMP','notICMP':{'type':8}}]}              ; 10.0.0.2 1 2048  ; false
          ip version                             ; np p {'ingress':[{'action':'Allow','ipVersion':6}]}                                       ; 10.0.0.2 6 80    ; false
          what is not understood allows nothing  ; np p {'ingress':[{'action':'Allow','source':{'selector':'='}}]}                           ; 10.0.0.2 6 80    ; false
          what is not understood denies all      ; np p {'ingress':[{'action':'Log','source':{'selector':'='}},{'action':'Allow'}]}          ; 10.0.0.2 6 80    ; false
          http allows nothing                    ; np p {'ingress':[{'action':'Allow','http':{'methods':['GET']}}]}                          ; 10.0.0.2 6 80    ; false
          a selector not understood isolates     ; np p {'selector':'=','ingress':[{'action':'Allow'}]}                                              ; 10.0.0.2 6 80    ; false
          ... and leaves others what they allow  ; np p {'selector':'=','ingress':[{'action':'Allow'}]}|np q {'ingress':[{'action':'Allow'}]}         ; 10.0.0.2 6 80    ; true
          ... unless it denies something itself  ; np p {'selector':'=','ingress':[{'action':'Deny'}]}|np q {'ingress':[{'action':'Allow'}]}          ; 10.0.0.2 6 80    ; false
          ... but not the whole cluster          ; gnp p {'selector':'=','ingress':[{'action':'Deny'}]}                                               ; 10.0.0.2 6 80    ; true
          applyOnForward holds for pods          ; gnp p {'applyOnForward':true,'ingress':[{'action':'Deny'}]}                               ; 10.0.0.2 6 80    ; false
          a host endpoint is a peer by its labels ; hostendpoint h {'node':'n','interfaceName':'eth0','expectedIPs':['198.51.100.9'],'ports':[{'name':'web','protocol':'TCP','port':40000}]}|gnp p {'ingress':[{'action':'Allow','source':{'selector':'has(kind)'}}]} ; 198.51.100.9 6 80 ; true
          of a policy in a namespace it is none  ; hostendpoint h {'node':'n','interfaceName':'eth0','expectedIPs':['198.51.100.9'],'ports':[{'name':'web','protocol':'TCP','port':40000}]}|np p {'ingress':[{'action':'Allow','source':{'selector':'has(kind)'}}]} ; 198.51.100.9 6 80 ; false
          all() means no host endpoint           ; hostendpoint h {'node':'n','interfaceName':'eth0','expectedIPs':['198.51.100.9'],'ports':[{'name':'web','protocol':'TCP','port':40000}]}|np p {'ingress':[{'action':'Allow','source':{'namespaceSelector':'all()'}}]} ; 198.51.100.9 6 80 ; false
          global() means host endpoints          ; hostendpoint h {'node':'n','interfaceName':'eth0','expectedIPs':['198.51.100.9'],'ports':[{'name':'web','protocol':'TCP','port':40000}]}|np p {'ingress':[{'action':'Allow','source':{'namespaceSelector':'global()'}}]} ; 198.51.100.9 6 80 ; true
          notSelector of a host endpoint         ; hostendpoint h {'node':'n','interfaceName':'eth0','expectedIPs':['198.51.100.9'],'ports':[{'name':'web','protocol':'TCP','port':40000}]}|gnp p {'ingress':[{'action':'Allow','source':{'notSelector':'has(kind)'}}]} ; 198.51.100.9 6 80 ; false
          without expected addresses it is nobody ; hostendpoint h {'node':'n','interfaceName':'eth0'}|gnp p {'ingress':[{'action':'Allow','source':{'selector':'has(kind)'}}]} ; 198.51.100.9 6 80 ; false
          named ports of host endpoints          ; hostendpoint h {'node':'n','interfaceName':'eth0','expectedIPs':['198.51.100.9'],'ports':[{'name':'web','protocol':'TCP','port':40000}]}|gnp p {'ingress':[{'action':'Allow','protocol':'TCP','source':{'ports':['web']}}]} ; 198.51.100.9 6 80 ; true
          named ports of selected host endpoints ; hostendpoint h {'node':'n','interfaceName':'eth0','expectedIPs':['198.51.100.9'],'ports':[{'name':'web','protocol':'TCP','port':40000}]}|gnp p {'ingress':[{'action':'Allow','protocol':'TCP','source':{'ports':['web'],'selector':'has(kind)'}}]} ; 198.51.100.9 6 80 ; true
          preDNAT is for hosts only              ; gnp p {'preDNAT':true,'applyOnForward':true,'ingress':[{'action':'Deny'}]} ; 10.0.0.2 6 80 ; true
          doNotTrack is for hosts only           ; gnp p {'doNotTrack':true,'applyOnForward':true,'ingress':[{'action':'Deny'}]}             ; 10.0.0.2 6 80    ; true
          """)
  void decides(String sentence, String objects, String flow, boolean allowed) throws Exception {
    DesiredTable table = new DesiredTable();
    PolicyCompiler compiler = new PolicyCompiler(table);
    compiler.apply(new ClusterChange.NamespaceSeen("shop", Map.of()));
    compiler.apply(new ClusterChange.NamespaceSeen("other", Map.of("team", "red")));
    compiler.apply(new ClusterChange.ServiceAccountSeen("shop", "buyer", Map.of("role", "api")));
    pod(compiler, "shop", "server", "cashier", 1);
    pod(compiler, "shop", "client", "buyer", 2);
    pod(compiler, "other", "client", "buyer", 3);
    compiler.apply(object("globalnetworkset office {'nets':['10.0.0.0/30','192.0.2.0/24']}"));
    for (String object : objects.isEmpty() ? new String[0] : objects.split("\\|", -1)) {
      compiler.apply(object(object));
    }
    compiler.apply(
        new ClusterChange.PodWired(
            new LocalPod(
                new PodName("shop", "server"),
                "shop-server",
                "vserver",
                List.of(IpAddress.parse("10.0.0.1"), IpAddress.parse("fd00::1")))));
    compiler.settle();
    String[] parts = flow.split(" ", -1);
    IpAddress source = IpAddress.parse(parts[0]);
    Flow connection =
        new Flow(
            source,
            IpAddress.parse(source.isIpv4() ? "10.0.0.1" : "fd00::1"),
            Integer.parseInt(parts[1]),
            Integer.parseInt(parts[2]));
    assertThat(new FlowWalk(table.image()).decide(Direction.INGRESS, connection).allowed())
        .as(sentence)
        .isEqualTo(allowed);
  }

  private static void pod(
      PolicyCompiler compiler, String namespace, String name, String account, int host) {
    compiler.apply(
        new ClusterChange.PodSeen(
            new ClusterPod(
                new PodName(namespace, name),
                namespace + "-" + name,
                Map.of(),
                account,
                false,
                List.of(IpAddress.parse("10.0.0." + host), IpAddress.parse("fd00::" + host)),
                List.of(new ClusterPod.NamedPort("web", Protocol.TCP, 8080)),
                Instant.EPOCH)));
  }

  private static ClusterChange object(String text) throws Exception {
    String[] parts = text.split(" ", 3);
    JsonNode spec = JSON.readTree(parts[2].replace('\'', '"'));
    var object = JSON.createObjectNode();
    var metadata = object.putObject("metadata").put("name", parts[1]).put("namespace", "shop");
    metadata.putObject("labels").put("kind", "office");
    object.set("spec", spec);
    return CalicoKinds.OWN.get(KINDS.indexOf(parts[0])).seen().apply(object).change().orElseThrow();
  }
}
