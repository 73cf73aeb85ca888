-- From the staged figures to the finished tables of a draft. Runs once per build, in this order.

-- name: derived
-- Totals over all partners, at both ends, where the indicator allows it and the publisher gives none of its own.
insert into staged
with part as (
    select staged.* from staged join indicator using (indicator_id)
    where adds_over_partners and partner_iso3 is not null and sex = 'total' and age = 'total' and form = 'total'
),
published as (
    select distinct source_id, indicator_id, iso3 = 'WLD' as elsewhere from staged where partner_iso3 is null or iso3 = 'WLD'
),
ends as (
    select part.iso3, null as partner_iso3, part.* exclude (iso3, partner_iso3)
    from part anti join (from published where not elsewhere) using (source_id, indicator_id)
    where part.iso3 in (select iso3 from member)
    union all
    select 'WLD', part.partner_iso3, part.* exclude (iso3, partner_iso3)
    from part anti join (from published where elsewhere) using (source_id, indicator_id)
    where part.partner_iso3 in (select iso3 from member)
)
select
    iso3, partner_iso3, indicator_id, period_start, max(period_end), 'total', 'total', 'total',
    case when bool_and(value is not null) then sum(value) end,
    case when not bool_and(value is not null) then sum(coalesce(lower, value)) end,
    case when not bool_and(value is not null) then sum(coalesce(upper, value)) end,
    case when bool_or(status = 'provisional') then 'provisional' else 'derived' end, source_id,
    'sum of ' || count(*) || ' published counts', 'worked out here'
from ends
group by iso3, partner_iso3, indicator_id, period_start, source_id;

-- name: keyed
-- Every figure with its id, before it is compared, graded and explained.
create temp table keyed as
select *, year(period_end) as year, substr(md5(concat_ws('|', source_id, indicator_id, iso3, coalesce(partner_iso3, ''), period_start,
    sex, age, form, occurrence)), 1, 16) as figure_id
from (
    select *, row_number() over (
        partition by source_id, indicator_id, iso3, partner_iso3, period_start, sex, age, form
        order by provider_label, coalesce(value, lower), source_ref) as occurrence
    from staged
);

-- name: steps
-- A total that changes from one year to the next by a factor over 20 with more than 1,000 people: perhaps another way of
-- counting. Until breaks.toml decides, it is a possible break.
insert into series_break
with total as (
    select indicator_id, source_id, year, coalesce(value, (lower + upper) / 2) as amount,
           case when iso3 = 'WLD' then 'partner' else 'place' end as view, case when iso3 = 'WLD' then partner_iso3 else iso3 end as who
    from keyed join indicator using (indicator_id)
    where unit = 'person' and kind = 'count' and status not in ('provisional', 'estimated') and coalesce(value, lower) is not null
        and sex = 'total' and age = 'total' and form = 'total' and (partner_iso3 is null or iso3 = 'WLD')
    qualify count(*) over (partition by who, view, indicator_id, source_id, year) = 1
),
pair as (
    select *, lag(amount) over series as earlier, lag(year) over series as earlier_year from total
    window series as (partition by who, view, indicator_id, source_id order by year)
)
select year, 'Possible break, which nobody has decided: from ' || format('{:,}', earlier::bigint) || ' to ' || format('{:,}', amount::bigint),
       indicator_id, source_id, who, view, false
from pair
where earlier_year = year - 1 and greatest(amount, earlier) > 1000 and greatest(amount, earlier) > 20 * greatest(least(amount, earlier), 1)
    and not exists (from (select year, indicator_id, source_id, iso3 from series_break union all
                          select year, indicator_id, source_id, iso3 from real_change) as known
        where known.year = pair.year and coalesce(known.indicator_id, pair.indicator_id) = pair.indicator_id
            and coalesce(known.source_id, pair.source_id) = pair.source_id and coalesce(known.iso3, who) = who);

-- name: answers
-- Who answered in how many of the last ten years for which the source has the thing at all. Nobody answers a model, a
-- collection of press reports or a register of what happened, and “everywhere together” is nobody: there coverage is unknown.
-- A member answers with a total.
create temp table judged as
with place as (
    select source_id, indicator_id, iso3, year, bool_or(status <> 'not_reported' and (iso3 not in (select iso3 from member)
        or partner_iso3 is null and sex = 'total' and age = 'total' and form = 'total')) as answered
    from keyed where status <> 'provisional' group by all
),
span as (
    select source_id, indicator_id, max(year) as newest from place where answered group by all
),
year_count as (
    select source_id, indicator_id, newest, count(distinct year) as expected from place join span using (source_id, indicator_id)
    where answered and year > newest - 10 group by all
),
answer as (
    select source_id, indicator_id, iso3, any_value(expected) as expected,
           count(distinct year) filter (place.answered and year > newest - 10) as answered
    from place join year_count using (source_id, indicator_id) where iso3 <> 'WLD' group by all
)
select figure_id, reliability, coalesce(digit.credibility, source.credibility) as credibility, method_class,
       case when asks then answered end as answered, case when asks then expected end as expected
from keyed join source using (source_id)
join (select *, method_class in ('administrative total', 'survey', 'accounts', 'estimate') as asks from source_method)
    using (source_id, indicator_id)
left join answer using (source_id, indicator_id, iso3) left join digit using (figure_id);

-- name: caveats
-- Which caveats a combination carries. A sum carries those of its parts: bounds on it mean that a part was masked.
create temp table caveats_of_combination as
with combination as (
    select distinct indicator_id, source_id, status, form, year(period_end) as year, lower is not null as bounded from staged
)
select combination.*, list(distinct caveat_id) filter (caveat_id is not null) as caveats
from combination left join caveat_rule as rule
    on rule.iso3 is null and rule."when" is null
    and (rule.indicator_id is null or rule.indicator_id = combination.indicator_id)
    and (rule.source_id is null or rule.source_id = combination.source_id)
    and (rule.form is null or rule.form = combination.form)
    and (rule.first_year is null or rule.first_year <= combination.year)
    and (rule.last_year is null or rule.last_year >= combination.year)
    and (rule.status is null or rule.status = combination.status or (rule.status = 'masked' and bounded))
group by all;

-- Rules that name a place apply to figures with that place at either end.
create temp table told_of_place as
with combination as (
    select distinct indicator_id, source_id, year(period_end) as year, iso3, partner_iso3 from staged
    where iso3 in (select iso3 from caveat_rule) or partner_iso3 in (select iso3 from caveat_rule)
)
select combination.*, list(distinct caveat_id) as caveats
from combination join caveat_rule as rule
    on ((rule.iso3 = combination.iso3 and coalesce(rule."end", 'place') = 'place')
        or (rule.iso3 = combination.partner_iso3 and coalesce(rule."end", 'partner') = 'partner'))
    and (rule.indicator_id is null or rule.indicator_id = combination.indicator_id)
    and (rule.source_id is null or rule.source_id = combination.source_id)
    and (rule.first_year is null or rule.first_year <= combination.year)
    and (rule.last_year is null or rule.last_year >= combination.year)
group by all;

-- name: found
-- Rules that ask what the build found out about a figure. A sum over members is "dominated"; see the step regional.
create temp table found as
with flag as (
    select figure_id, 'few_events' as "when" from keyed join indicator using (indicator_id)
    where kind = 'count' and stock_or_flow = 'flow' and coalesce(value, upper) between 1 and 17
    union all
    select figure_id, 'old' from keyed cross join edition
    where dated - period_end > 2 * case when period_end > period_start then period_end - period_start + 1 else 365 end
    union all
    select figure_id, 'single_source' from keyed anti join digit using (figure_id)
    union all
    select figure_id, 'contradicted' from digit where credibility in ('4', '5')
    union all
    select figure_id, 'with_appeals' from keyed as k
    where starts_with(indicator_id, 'decisions_') and (provider_label like '%/FA' or provider_label = 'worked out here' and exists (
        from keyed as part where part.indicator_id = k.indicator_id and part.source_id = k.source_id and part.year = k.year
            and part.provider_label like '%/FA' and part.iso3 = case when k.iso3 = 'WLD' then part.iso3 else k.iso3 end
            and part.partner_iso3 = coalesce(k.partner_iso3, part.partner_iso3)))
    union all
    select figure_id, 'new_series' from keyed join series_break as b on b.year = keyed.year and decided
        and (b.indicator_id is null or b.indicator_id = keyed.indicator_id) and (b.source_id is null or b.source_id = keyed.source_id)
        and (b.iso3 is null or b.iso3 = keyed.iso3)
)
select figure_id, list(distinct caveat_id) as caveats
from flag join keyed using (figure_id) join caveat_rule as rule on rule."when" = flag."when"
    and (rule.indicator_id is null or rule.indicator_id = keyed.indicator_id)
    and (rule.source_id is null or rule.source_id = keyed.source_id)
    and (rule.iso3 is null or rule.iso3 in (keyed.iso3, keyed.partner_iso3))
group by figure_id;

-- name: figures
create temp table carrying as
select keyed.figure_id,
       list_sort(list_distinct(list_concat(coalesce(combination.caveats, []), coalesce(place.caveats, []), coalesce(found.caveats, [])))) as caveats
from keyed
join caveats_of_combination as combination on combination.indicator_id = keyed.indicator_id and combination.source_id = keyed.source_id
    and combination.status = keyed.status and combination.form = keyed.form and combination.year = keyed.year
    and combination.bounded = (keyed.lower is not null)
left join found on found.figure_id = keyed.figure_id
left join told_of_place as place on place.indicator_id = keyed.indicator_id and place.source_id = keyed.source_id
    and place.year = keyed.year and place.iso3 = keyed.iso3
    and place.partner_iso3 is not distinct from keyed.partner_iso3;

-- What the caveats leave of each use; many figures carry the same ones.
create temp table allowed as
with combination as (select distinct caveats from carrying),
single as (select caveats, unnest(caveats) as caveat_id from combination)
select caveats, max(rank) filter (use = 'level') as level, max(rank) filter (use = 'trend') as trend,
       max(rank) filter (use = 'compare') as compare, max(rank) filter (use = 'sum') as added
from single join caveat_use using (caveat_id) group by caveats;

-- Between which breaks a figure stands; a break that names a place holds at the end where its people are counted.
create temp table era as
select figure_id, coalesce('since ' || max(b.year) filter (b.year <= keyed.year), 'before ' || min(b.year)) as era
from keyed join series_break as b
    on (b.indicator_id is null or b.indicator_id = keyed.indicator_id) and (b.source_id is null or b.source_id = keyed.source_id)
    and (b.iso3 is null or b.iso3 = case when keyed.iso3 = 'WLD' then keyed.partner_iso3 else keyed.iso3 end)
    and (b.view is null or (b.view = 'partner') = (keyed.iso3 = 'WLD') and (keyed.partner_iso3 is null or keyed.iso3 = 'WLD'))
group by figure_id;

insert into figure
select
    keyed.figure_id,
    keyed.iso3, keyed.partner_iso3, keyed.indicator_id, keyed.period_start, keyed.period_end, keyed.sex, keyed.age, keyed.form,
    keyed.value, keyed.lower, keyed.upper, keyed.status, keyed.source_id, keyed.source_ref, keyed.provider_label,
    source.reliability, graded.credibility, source.tlp, graded.letter, graded.reason,
    graded.coverage_score, graded.method_score, graded.source_score, graded.agreement_score,
    judged.answered, judged.expected, judged.method_class, carrying.caveats,
    use_level(greatest(level, case when keyed.status = 'not_reported' then 3 when wide(keyed.value, keyed.lower, keyed.upper) then 2 end)),
    use_trend(greatest(trend, case when keyed.status = 'not_reported' then 2 end), era),
    use_compare(greatest(compare, case when keyed.status = 'not_reported' then 2 end)),
    use_sum(greatest(added, case when not (adds_over_members or adds_over_partners) or keyed.status = 'not_reported' then 1 end))
from keyed
join source on source.source_id = keyed.source_id
join indicator on indicator.indicator_id = keyed.indicator_id
join judged on judged.figure_id = keyed.figure_id
join graded on graded.method_class = judged.method_class and graded.reliability = judged.reliability
    and graded.credibility = judged.credibility
    and graded.answered is not distinct from judged.answered and graded.expected is not distinct from judged.expected
join carrying on carrying.figure_id = keyed.figure_id
left join allowed on allowed.caveats = carrying.caveats
left join era on era.figure_id = keyed.figure_id
order by keyed.indicator_id, keyed.iso3, keyed.partner_iso3, keyed.period_end, keyed.form, keyed.sex, keyed.age, occurrence;

-- name: regional
create temp table member_total as
select figure.*, year(period_end) as year, coalesce(value, (lower + upper) / 2) as middle, headline_view as view,
       case when figure.iso3 = 'WLD' then figure.partner_iso3 else figure.iso3 end as who
from figure join indicator using (indicator_id)
where adds_over_members and sex = 'total' and age = 'total' and form = 'total'
and ((headline_view = 'place' and figure.partner_iso3 is null and figure.iso3 in (select iso3 from member))
  or (headline_view = 'partner' and figure.iso3 = 'WLD' and figure.partner_iso3 in (select iso3 from member)));

-- One member with two fifths of a sum, or three with four fifths, dominate it.
create temp table led as
select indicator_id, view, year, source_id, max(middle) / nullif(sum(middle), 0) as first_share,
       list_sum(max(middle, 3)) / nullif(sum(middle), 0) as three_share, list_reverse(list(who order by middle, who))[:3] as largest,
       count(*) > 1 and max(middle) >= 0.4 * sum(middle) as by_one,
       count(*) > 3 and list_sum(max(middle, 3)) >= 0.8 * sum(middle) as by_three
from member_total group by all;

create temp table regional_sum as
select
    indicator_id, view, year, min(period_start) as period_start, max(period_end) as period_end,
    case when bool_and(value is not null) then sum(value) end as value,
    case when not bool_and(value is not null) then sum(coalesce(value, lower)) end as lower,
    case when not bool_and(value is not null) then sum(coalesce(value, upper)) end as upper,
    case when bool_or(status = 'provisional') then 'provisional' else 'derived' end as status,
    count(*) as members, source_id,
    grade_of_most(grade, middle) as grade,
    upper(arg_max(grade_reason, grade)[1]) || arg_max(grade_reason, grade)[2:] || '; grades A and B carry '
        || coalesce(try_cast(round(100 * coalesce(sum(middle) filter (grade <= 'B'), 0) / greatest(sum(middle), 1)) as integer), 0)
        || ' % of the sum' as grade_reason,
    list_distinct(flatten(list(caveats))) as caveats
from member_total
group by indicator_id, view, year, source_id;

-- What holds of one number alone (few events, age) does not bar the sum of many; where a caveat bars the sum there is none,
-- only who reported.
insert into regional_total
with carrying as (
    select regional_sum.* exclude (caveats), first_share, three_share, largest, by_one, by_three,
           list_sort(caveats || case when by_one or by_three
               then coalesce((select list(caveat_id) from caveat_rule where "when" = 'dominated'), []) else [] end) as caveats
    from regional_sum join led using (indicator_id, view, year, source_id)
),
single as (
    select indicator_id, view, year, source_id, unnest(caveats) as caveat_id from carrying
),
allowed as (
    select indicator_id, view, year, source_id, max(rank) filter (use = 'level') as level, max(rank) filter (use = 'trend') as trend,
           max(rank) filter (use = 'compare') as compare, max(rank) filter (use = 'sum') as added
    from single join caveat_use using (caveat_id)
    where caveat_id not in (select caveat_id from caveat_rule where "when" in ('few_events', 'old', 'single_source', 'contradicted'))
    group by all
)
select
    indicator_id, view, year, period_start, period_end,
    case when coalesce(added, 0) = 0 then value end, case when coalesce(added, 0) = 0 then lower end,
    case when coalesce(added, 0) = 0 then upper end,
    status, members, largest, case when by_one then first_share end, case when by_three then three_share end, source_id, grade, grade_reason, caveats,
    use_level(greatest(level, case when coalesce(added, 0) > 0 then 3 when wide(value, lower, upper) then 2 end)),
    use_trend(trend, (select any_value(use_trend) from member_total as part
        where part.indicator_id = carrying.indicator_id and part.year = carrying.year and part.source_id = carrying.source_id
            and (use_trend like 'since %' or use_trend like 'before %'))),
    use_compare(compare), use_sum(added)
from carrying left join allowed using (indicator_id, view, year, source_id);

-- name: panel
-- Six years up to the latest one that most members have; only members with a figure in each of the six.
insert into regional_panel
with most as (
    select indicator_id, max(members) as peak from regional_total where status <> 'provisional' group by indicator_id
),
latest as (
    select indicator_id, max(year) as last_year from regional_total join most using (indicator_id)
    where status <> 'provisional' and members >= 0.5 * peak group by indicator_id
),
full_window as (
    select indicator_id, who from member_total join latest using (indicator_id)
    where year between last_year - 5 and last_year group by indicator_id, who having count(distinct year) = 6
)
select
    indicator_id, view, year, sum(middle),
    case when bool_or(value is null) then sum(coalesce(value, lower)) end,
    case when bool_or(value is null) then sum(coalesce(value, upper)) end, count(*)
from member_total join latest using (indicator_id) join full_window using (indicator_id, who)
where year between last_year - 5 and last_year
group by indicator_id, view, year;

-- name: coverage
-- A member has answered for a year when it has a total: parts without one are not an answer.
insert into coverage
with told_of as (
    select iso3, theme, year(period_end) as year, status,
           partner_iso3 is null and sex = 'total' and age = 'total' and form = 'total' as whole
    from figure join indicator using (indicator_id)
    where iso3 in (select iso3 from member) and status <> 'not_reported'
    union all
    select partner_iso3, theme, year(period_end), status, true from figure join indicator using (indicator_id)
    where iso3 = 'WLD'
)
select
    iso3, theme, year,
    case when bool_or(status not in ('masked', 'zero')) filter (whole) then 'reported'
         when bool_or(status = 'masked') filter (whole) then 'masked' else 'zero' end,
    count(*)
from told_of group by iso3, theme, year having bool_or(whole);

-- name: accounts
insert into source_account
select
    card.source_id, cells_read, kept, rejected, out_of_scope, min(year(period_end)), max(year(period_end)), count(figure_id)
from card left join figure using (source_id)
group by card.source_id, cells_read, kept, rejected, out_of_scope;
