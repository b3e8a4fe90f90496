"""The word lists of the reader of prose: closed, in small letters, written once."""

from __future__ import annotations


def bag(text: str) -> list[str]:
    """Words parted by white space."""
    return text.split()


def listed(text: str) -> list[str]:
    """Phrases parted by semicolons."""
    return [" ".join(phrase.split()) for phrase in text.split(";")]


VERBS = frozenset(
    bag("""
    abandon abide accept accede act adhere adjust admit adopt agree allocate allow announce apply appoint approve
    arrange assist assume assure authorize authorise avoid ban begin bring build cancel carry cease certify check
    clear close collect commence compensate complete comply conclude conduct confirm consult continue contribute
    convene convert cooperate coordinate create cut deactivate declare decommission defer delegate deliver
    demarcate demobilize deploy deposit destroy determine develop disable disarm disband disclose discuss
    dismantle dispose dissolve distribute draw elect eliminate enable encourage end endeavour enforce engage
    enrich ensure enter establish evacuate exchange exercise expand explore export extend extradite facilitate
    finalize finance finish form formulate freeze fulfil fulfill fund give grant guarantee halt hand help hold
    identify implement import improve increase inform initiate inspect install interfere investigate invite issue
    join keep launch lead leave liberate lift limit link list locate lower maintain make manage mark meet monitor
    move negotiate normalize notify obtain occupy offer open operate order organize oversee pardon participate pay
    perform permit place postpone prepare present preserve prevent proceed process produce prohibit promote
    protect provide publish pull purchase pursue put ratify reach receive recognize reconvene recover redeploy
    reduce refrain refund register rehabilitate release relinquish remain remove render renounce repatriate
    replace report repay repeal request reschedule resolve respect respond restore restrict resume retain return
    reveal review revise rotate safeguard seal secure sell send separate set settle share ship shut sign start
    stay stockpile stop store strengthen submit supervise supply support surrender suspend take terminate test
    train transfer transmit treat turn undertake uphold use vacate verify visit withdraw withhold work
""")
)
# Verbs that are written as nouns, too: "refrain from attacks and support for them".
NOUNS = frozenset(
    bag("""
    access ban change check contact control display exchange exercise export extradite finance force form freeze fund
    grant guarantee halt hand help import increase issue launch lead limit link list mark move offer order permit place
    process purchase record refund release repeal report request respect return review seal share start stay stop store
    supply support surrender test train transfer treat turn use visit work deposit guarantee
""")
)
DEVERBAL = frozenset(
    bag("""
    withdrawal release exchange restoration lifting dismantlement disarmament demobilization demobilisation return
    removal establishment suspension cessation ceasefire cease-fire disbandment delivery repatriation destruction
    reduction elimination handover hand-over transfer provision adoption conduct resumption creation prohibition
    reopening opening closure disengagement redeployment demarcation deployment pull-out pullout decentralization
    decentralisation reintegration
""")
)
ATTITUDES = frozenset(
    bag("""
    reaffirm reiterate recognise recognize welcome note express underline emphasise emphasize acknowledge commend
    recall affirm stress believe expect share hope desire recommit condemn deplore appreciate regret envision
""")
)
ACTORS = frozenset(
    bag("""
    party parties side sides government governments state states country countries commission council committee
    agency president minister ministers secretary-general commander commanders chief chairman chairperson king
    parliament congress senate assembly court tribunal panel force forces troops army police militia militias team
    teams body bodies authority authorities organization organisation organizations organisations union group
    groups delegation delegations secretariat centre center mission bank company corporation contributor licensor
    licensee recipient buyer seller supplier customer contractor lender borrower lessor lessee tenant landlord
    employer employee owner director leaders leader heads head representatives representative inspectors inspector
    observers observer mediator mediators guarantor guarantors signatories signatory participants members member
    republic federation kingdom people individual person persons you we they he she it entities entity consortium
    commissioners commissioner verifier depositary ambassador general chairs nations powers power presidents
""")
)
THINGS = frozenset(
    bag("""
    agreement treaty license licence annex annexes document protocol initiative plan zone line article section
    paragraph declaration statement resolution charter memorandum convention contract schedule appendix term terms
    provision provisions nothing this that which there freeze process framework account accord accords pact
    software work larger description such
""")
)
COLLECTIVE = frozenset(
    listed("""
    both sides; the sides; the two sides; both parties; the parties; the two parties; each party; each side;
    either party; all parties; all sides; the six parties; they; the contracting parties; each contracting party;
    the high contracting parties; we; both countries; the two countries; each country; every party; neither party;
    no party; the participants; the signatories; the two governments; both governments; the two leaders; the
    directly related parties; the states parties; each state party; states parties; every state party; no state party;
    neither side; no side; neither of the parties; neither of the sides; none of the parties; neither country;
    neither government; each government; neither of them; none of them; each of the parties; each of them;
    each of the sides; either side; any party; any side; a party; any state party; a state party; one party;
    the other party; the other side; each of the states parties; each contracting state; the contracting states;
    each high contracting party; every contracting party; neither contracting party; no contracting party
""")
)
# What bodies are called; the role that a draft proposes for each. They are no parties and owe nothing in the file.
BODIES = dict.fromkeys(
    bag("""
    commission commissions mission missions agency council committee committees inspectors inspector inspectorate
    secretariat observers observer monitors monitor verifier verifiers secretary-general iaea opcw osce ctbto
    undof unifil unmee icrc
"""), "verifier") | dict.fromkeys(bag("court tribunal panel arbitrator arbitrators arbiter mediator mediators icj pca"),
                                  "arbiter") | {"depositary": "depositary"}  # fmt: skip
# Verbs of rules that hold by being written: nobody does anything.
HOLDS = frozenset(
    bag("""
    mean apply prevail supersede enter terminate expire constitute include supersede survive affect consist
    comprise contain become bind govern remain-in
""")
)
COUNTRIES = frozenset(
    bag("""
    Afghanistan Albania Algeria Andorra Angola Argentina Armenia Australia Austria Azerbaijan Bahamas Bahrain
    Bangladesh Barbados Belarus Belgium Belize Benin Bhutan Bolivia Botswana Brazil Brunei Bulgaria Burundi
    Cambodia Cameroon Canada Chad Chile China Colombia Comoros Congo Croatia Cuba Cyprus Czechia Denmark Djibouti
    Dominica Ecuador Egypt Eritrea Estonia Eswatini Ethiopia Fiji Finland France Gabon Gambia Georgia Germany
    Ghana Greece Grenada Guatemala Guinea Guyana Haiti Honduras Hungary Iceland India Indonesia Iran Iraq Ireland
    Israel Italy Jamaica Japan Jordan Kazakhstan Kenya Kiribati Kosovo Kuwait Kyrgyzstan Laos Latvia Lebanon
    Lesotho Liberia Libya Liechtenstein Lithuania Luxembourg Madagascar Malawi Malaysia Maldives Mali Malta
    Mauritania Mauritius Mexico Micronesia Moldova Monaco Mongolia Montenegro Morocco Mozambique Myanmar Namibia
    Nauru Nepal Netherlands Nicaragua Niger Nigeria Norway Oman Pakistan Palau Palestine Panama Paraguay Peru
    Philippines Poland Portugal Qatar Romania Russia Rwanda Samoa Senegal Serbia Seychelles Singapore Slovakia
    Slovenia Somalia Spain Sudan Suriname Sweden Switzerland Syria Taiwan Tajikistan Tanzania Thailand Togo Tonga
    Tunisia Turkey Türkiye Turkmenistan Tuvalu Uganda Ukraine Uruguay Uzbekistan Vanuatu Venezuela Vietnam Yemen
    Zambia Zimbabwe NATO Pyongyang Washington Moscow Tehran Beijing
""")
)
JOINED = ("Bosnia and Herzegovina", "Trinidad and Tobago", "Antigua and Barbuda", "Saint Kitts and Nevis",
          "São Tomé and Príncipe", "Great Britain and Northern Ireland",
          "Saint Vincent and the Grenadines")  # fmt: skip
