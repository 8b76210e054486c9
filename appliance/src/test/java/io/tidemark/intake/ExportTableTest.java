package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.vm.Audience;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExportTableTest {

    private static final Audience ALICE = Audience.of(List.of("DNS:Alice.example.com", "CN:alice"));
    private static final Client.Identity BY_DNS = new Client.Certified("", Set.of("CN:x", "DNS:alice.example.com"));
    private static final Client.Identity BOB = new Client.Certified("", Set.of("CN:bob", "URI:CN:alice"));

    private final ExportTable table = new ExportTable();
    private final Export hers = RamExport.anywhere(RamExport.info("alice/disk", 4096));
    private final Export anyones = RamExport.anywhere(RamExport.info("open/disk", 4096));

    @Test
    void whatIsNotMeantForAClientIsNotThere() {
        table.add(hers, ALICE);
        table.add(anyones, new Audience.Anyone());

        assertThat(find(BY_DNS)).isEqualTo(new ExportDirectory.Found(hers));
        for (Client.Identity other : List.of(BOB, new Client.Encrypted(), new Client.Plaintext())) {
            assertThat(find(other)).as("%s", other).isEqualTo(new ExportDirectory.Unknown());
            assertThat(listed(other)).as("%s", other).containsExactly("open/disk");
        }
        assertThat(listed(BY_DNS)).containsExactly("alice/disk", "open/disk");
    }

    @Test
    void whomItIsMeantForCanChange() {
        table.add(hers, new Audience.Anyone());
        table.add(hers, ALICE);

        assertThat(find(BOB)).isEqualTo(new ExportDirectory.Unknown());

        table.remove(hers);

        assertThat(find(BY_DNS)).isEqualTo(new ExportDirectory.Unknown());
    }

    @Test
    void saysWhatNobodyCanOpenWhereNobodyProvesHisName() {
        ExportTable unproved = new ExportTable(Optional.of("there is no TLS"));
        unproved.add(hers, ALICE);
        unproved.add(anyones, new Audience.Anyone());

        assertThat(unproved.problems())
                .singleElement()
                .asString()
                .contains("alice/disk", "there is no TLS")
                .doesNotContain("open/disk");
        assertThat(unproved.objection(new Audience.Anyone())).isEmpty();
        table.add(hers, ALICE);
        assertThat(table.problems()).isEmpty();
    }

    private ExportDirectory.Lookup find(Client.Identity identity) {
        return table.find(hers.info().name(), client(identity));
    }

    private List<String> listed(Client.Identity identity) {
        return table.list(client(identity)).stream()
                .map(ExportInfo::name)
                .map(Object::toString)
                .toList();
    }

    private static Client client(Client.Identity identity) {
        return new Client(new InetSocketAddress(1), identity);
    }
}
