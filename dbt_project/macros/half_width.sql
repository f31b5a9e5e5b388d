{#
    A text as it would be typed on a plain keyboard: full-width forms and other spaces are
    those of ASCII, what cannot be seen is gone, and so are the spaces around it.
#}
{% macro half_width(text) -%}
    {%- set unseen = '[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]' -%}
    {%- set spaces = '\t\n\r\u00a0\u2002\u2003\u2009\u202f\u3000' -%}
    {%- set wide = '！＂＃＄％＆（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠'
        ~ 'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［］＾＿｀'
        ~ 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～' -%}
    {%- set narrow = '!"#$%&()*+,-./0123456789:;<=>?@'
        ~ 'ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`'
        ~ 'abcdefghijklmnopqrstuvwxyz{|}~' -%}
    {%- set seen = replaced_form(text, unseen, '') -%}
    {#- Looking up each letter costs a hundred times what looking for one does. -#}
    {{ trimmed(
        'case when ' ~ has_form(seen, '[' ~ spaces ~ '！-～]')
        ~ ' then translate(' ~ seen ~ ", '" ~ spaces ~ wide ~ "', '"
        ~ ' ' * (spaces | length) ~ narrow ~ "') else " ~ seen ~ ' end'
    ) }}
{%- endmacro %}
