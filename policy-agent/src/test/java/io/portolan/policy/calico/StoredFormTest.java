package io.portolan.policy.calico;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredFormTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Single quotes for double ones; carets for those within the annotation. */
  private static JsonNode json(String text) throws Exception {
    return JSON.readTree(text.replace("^", "\\'").replace('\'', '"'));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          NetworkPolicy       ; {'name':'default.web','namespace':'shop'}                             ; {}                ; {'name':'web','namespace':'shop'}
          GlobalNetworkPolicy ; {'name':'default.web'}                                                ; {'tier':'default'} ; {'name':'web'}
          GlobalNetworkPolicy ; {'name':'net.web'}                                                    ; {'tier':'net'}    ; {'name':'net.web'}
          GlobalNetworkPolicy ; {'name':'default.web'}                                                ; {'tier':'net'}    ; {'name':'default.web'}
          GlobalNetworkPolicy ; {'name':'web'}                                                        ; {}                ; {'name':'web'}
          GlobalNetworkSet    ; {'name':'default.office'}                                             ; {}                ; {'name':'default.office'}
          NetworkPolicy       ; {'name':'default.web','annotations':{'projectcalico.org/metadata':'{^name^:^default.web^}'}} ; {} ; {'name':'default.web','annotations':{}}
          GlobalNetworkSet    ; {'name':'office','labels':{'a':'1','b':'2'},'annotations':{'x':'y','projectcalico.org/metadata':'{^labels^:{^a^:^3^,^kind^:^office^},^annotations^:{^z^:^4^},^creationTimestamp^:null}'}} ; {} ; {'name':'office','labels':{'a':'3','b':'2','kind':'office'},'annotations':{'x':'y','z':'4'}}
          GlobalNetworkSet    ; {'name':'office','annotations':{'projectcalico.org/metadata':'{^labels^:{^kind^:^office^}}'}} ; {} ; {'name':'office','annotations':{},'labels':{'kind':'office'}}
          GlobalNetworkSet    ; {'name':'office','labels':{'a':'1'},'annotations':{'projectcalico.org/metadata':'no JSON'}} ; {} ; {'name':'office','labels':{'a':'1'},'annotations':{}}
          GlobalNetworkSet    ; {'name':'office','labels':null,'annotations':{'projectcalico.org/metadata':'[1]'}} ; {} ; {'name':'office','labels':null,'annotations':{}}
          """)
  void isReadAsPeopleUseIt(String kind, String metadata, String spec, String used)
      throws Exception {
    JsonNode stored =
        json(
            "{'apiVersion':'crd.projectcalico.org/v1','metadata':%s,'spec':%s}"
                .formatted(metadata, spec));
    JsonNode before = stored.deepCopy();
    assertThat(StoredForm.used(kind, stored))
        .isEqualTo(
            json(
                "{'apiVersion':'projectcalico.org/v3','storedAs':%s,'metadata':%s,'spec':%s}"
                    .formatted(before.at("/metadata/name"), used, spec)));
    assertThat(stored).isEqualTo(before);
  }
}
