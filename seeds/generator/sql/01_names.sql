-- Lists from which names, places and products are composed; all of it invented.
-- Each Chinese name is a pair: the character and its sound, from which e-mails are made.
create macro surnames() as [
    '王 wang', '李 li', '张 zhang', '刘 liu', '陈 chen', '杨 yang', '黄 huang', '赵 zhao',
    '吴 wu', '周 zhou', '徐 xu', '孙 sun', '马 ma', '朱 zhu', '胡 hu', '郭 guo', '何 he',
    '林 lin', '高 gao', '罗 luo', '郑 zheng', '梁 liang', '谢 xie', '宋 song', '唐 tang',
    '许 xu', '邓 deng', '冯 feng', '韩 han', '曹 cao', '曾 zeng', '彭 peng', '萧 xiao',
    '蔡 cai', '潘 pan', '田 tian', '董 dong', '袁 yuan', '于 yu', '余 yu', '叶 ye',
    '蒋 jiang', '杜 du', '苏 su', '魏 wei', '程 cheng', '吕 lv', '丁 ding', '沈 shen',
    '任 ren', '姚 yao', '卢 lu', '傅 fu', '钟 zhong', '姜 jiang', '崔 cui', '谭 tan',
    '廖 liao', '范 fan', '汪 wang', '陆 lu', '金 jin', '石 shi', '戴 dai', '贾 jia',
    '夏 xia', '邱 qiu', '方 fang', '侯 hou', '邹 zou', '熊 xiong', '孟 meng', '秦 qin'
];
create macro given_names() as [
    '伟 wei', '芳 fang', '娜 na', '敏 min', '静 jing', '丽 li', '强 qiang', '磊 lei',
    '军 jun', '洋 yang', '勇 yong', '艳 yan', '杰 jie', '娟 juan', '涛 tao', '明 ming',
    '超 chao', '霞 xia', '平 ping', '刚 gang', '晓雯 xiaowen', '子轩 zixuan', '雨桐 yutong',
    '浩然 haoran', '思远 siyuan', '欣怡 xinyi', '梓涵 zihan', '俊杰 junjie', '嘉怡 jiayi',
    '志强 zhiqiang', '建国 jianguo', '秀英 xiuying', '桂兰 guilan', '文博 wenbo',
    '海燕 haiyan', '晨曦 chenxi', '一诺 yinuo', '宇航 yuhang', '诗涵 shihan', '天佑 tianyou',
    '佳琪 jiaqi', '立新 lixin', '春梅 chunmei', '国栋 guodong', '婉清 wanqing',
    '以宁 yining', '知秋 zhiqiu', '博文 bowen', '雅琴 yaqin', '若曦 ruoxi', '景行 jingxing',
    '怀瑾 huaijin', '望舒 wangshu', '清扬 qingyang', '乐天 letian', '振华 zhenhua'
];
-- What a hand writes for the first character of a given name that it only heard …
create macro sounds_of() as
    '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚晓子雨浩思欣梓俊嘉志建秀桂文海晨一宇诗天佳立国春婉以知博雅若景怀望清乐振';
create macro sounds_like() as
    '玮方纳闵婧莉蔷蕾君扬永燕洁涓滔铭抄侠萍钢小紫宇皓斯新紫峻佳智健绣贵雯嗨辰依羽师添嘉丽果纯宛亦之伯亚偌璟淮旺青月震';
-- … and for a surname that it read: 形近字.
create macro looks_of() as
    '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余'
    || '叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾夏邱方侯邹熊孟秦';
create macro looks_like() as
    '玉季帐浏阵扬寅赴昊用除逊冯未湖廓河材亮萝邓粱榭宗塘讦郑马朝槽增澎箫葵番由懂哀干佘'
    || '汁将社办巍埕昌于沉仕娆户博种羌催潭寥苑注陕全右载贸复丘万候皱态盂奏';
create macro latin_given() as [
    'James', 'Mary', 'Lukas', 'Anna', 'Hiroshi', 'Yuki', 'Pierre', 'Claire', 'Marco',
    'Giulia', 'David', 'Emma', 'Noah', 'Sofia', 'Peter', 'Laura', 'Kenji', 'Aiko',
    'Daniel', 'Julia', 'Thomas', 'Olivia', 'Simon', 'Nina', 'Victor', 'Elena'
];
create macro latin_surnames() as [
    'Smith', 'Johnson', 'Mueller', 'Schmidt', 'Tanaka', 'Sato', 'Martin', 'Bernard',
    'Rossi', 'Ferrari', 'Brown', 'Miller', 'Weber', 'Wagner', 'Suzuki', 'Yamamoto',
    'Dubois', 'Moreau', 'Bianchi', 'Wilson', 'Taylor', 'Becker', 'Hoffmann', 'Garcia'
];
create macro brand_heads() as [
    '云', '青', '海', '明', '瑞', '恒', '星', '远', '盛', '嘉', '和', '安', '博', '新',
    '金', '天', '润', '中', '华', '启', '永', '景', '锦', '凌'
];
create macro brand_tails() as [
    '杉', '禾', '澜', '达', '丰', '诚', '源', '辉', '拓', '腾', '泰', '通', '宁', '川',
    '峰', '舟', '帆', '桥', '禹', '朗', '晟', '岳', '棉', '湖'
];
create macro latin_brands() as [
    'Northwind', 'Bluestone', 'Alder', 'Kestrel', 'Lumen', 'Harbor', 'Orchard', 'Vertex',
    'Cobalt', 'Juniper', 'Meridian', 'Sable', 'Tidewater', 'Quartz', 'Falcon', 'Willow'
];
create macro competitors() as [
    '晨岸办公', '蓝屿商贸', '优居网', '大河供应链', 'Greenleaf Supply', '同城优选'
];

create table industries as
select * from (values
    (0, 'technology', '科技'), (1, 'education', '教育咨询'), (2, 'hospitality', '酒店管理'),
    (3, 'catering', '餐饮管理'), (4, 'retail', '商贸'), (5, 'design', '设计'),
    (6, 'healthcare', '医疗器械'), (7, 'logistics', '物流'), (8, 'manufacturing', '制造')
) as industries (industry_no, industry, word);

-- Shares fall with the number; 24 and up are abroad. Region 4 (西北) is the biased branch.
create table places as
select * from (values
    (0, 0, '华东', '上海', '上海', '上海静安店', 'CNY', 1.0),
    (1, 1, '华北', '北京', '北京', '北京朝阳店', 'CNY', 1.0),
    (2, 2, '华南', '广东', '广州', '广州天河店', 'CNY', 1.0),
    (3, 2, '华南', '广东', '深圳', '深圳南山店', 'CNY', 1.0),
    (4, 0, '华东', '浙江', '杭州', '杭州西湖店', 'CNY', 1.0),
    (5, 3, '西南', '四川', '成都', '成都锦江店', 'CNY', 1.0),
    (6, 0, '华东', '江苏', '南京', '南京鼓楼店', 'CNY', 1.0),
    (7, 4, '西北', '陕西', '西安', '西安雁塔店', 'CNY', 1.0),
    (8, 5, '华中', '湖北', '武汉', '武汉江汉店', 'CNY', 1.0),
    (9, 3, '西南', '重庆', '重庆', '重庆渝中店', 'CNY', 1.0),
    (10, 0, '华东', '江苏', '苏州', '苏州姑苏店', 'CNY', 1.0),
    (11, 1, '华北', '天津', '天津', '天津和平店', 'CNY', 1.0),
    (12, 5, '华中', '湖南', '长沙', '长沙芙蓉店', 'CNY', 1.0),
    (13, 2, '华南', '福建', '厦门', '厦门思明店', 'CNY', 1.0),
    (14, 4, '西北', '甘肃', '兰州', '兰州城关店', 'CNY', 1.0),
    (15, 1, '华北', '山东', '青岛', '青岛市南店', 'CNY', 1.0),
    (16, 5, '华中', '河南', '郑州', '郑州金水店', 'CNY', 1.0),
    (17, 0, '华东', '浙江', '宁波', '宁波海曙店', 'CNY', 1.0),
    (18, 0, '华东', '安徽', '合肥', '合肥庐阳店', 'CNY', 1.0),
    (19, 6, '东北', '辽宁', '沈阳', '沈阳和平店', 'CNY', 1.0),
    (20, 3, '西南', '云南', '昆明', '昆明五华店', 'CNY', 1.0),
    (21, 6, '东北', '辽宁', '大连', '大连中山店', 'CNY', 1.0),
    (22, 4, '西北', '宁夏', '银川', '银川兴庆店', 'CNY', 1.0),
    (23, 6, '东北', '黑龙江', '哈尔滨', '哈尔滨道里店', 'CNY', 1.0),
    (24, 7, '海外', 'United States', 'Seattle', null, 'USD', 7.15),
    (25, 7, '海外', 'Germany', 'Berlin', null, 'EUR', 7.80),
    (26, 7, '海外', 'Japan', 'Osaka', null, 'JPY', 0.048),
    (27, 7, '海外', 'France', 'Lyon', null, 'EUR', 7.80)
) as places (place_no, region_no, region, province, city, store, currency, rate);

create macro categories() as [
    'stationery', 'kitchen', 'home_textiles', 'lighting', 'electronics', 'small_furniture',
    'office_furniture', 'installation'
];
create macro category_words() as [
    '文具', '厨具', '家纺', '灯具', '电子', '小家具', '办公家具', '安装服务'
];
create macro product_words() as [
    '经典款', '轻享款', '商务款', '家庭装', '升级款', '便携款', '静音款', '环保款',
    '精选款', '加大款'
];
-- 50 products in each of 8 categories; dearer ones in the later categories.
create macro list_price(product) as (
    floor(exp(2.3 + 0.35 * (product // 50) + 1.6 * ((product * 0.6180339887498949e0) % 1))) + 0.9
);
create table products as
select
    product::usmallint as product,
    'P' || lpad((product + 1)::varchar, 4, '0') as product_id,
    category_words()[1 + product // 50] || ' ' || pick(product_words(), (product % 10) / 10.0)
    || ' ' || (product % 50 + 1) as product_name,
    categories()[1 + product // 50] as product_category
from range(0, 400) as numbers (product)
order by product;

-- Days on which more or less is bought than on others. The middle of new year moves.
create table calendar as
with days as (
    select range::date as day
    from range(world_from_day()::timestamp, world_to_day() + interval 1 day, interval 1 day)
), new_years as (
    select unnest([
        date '2020-01-25', date '2021-02-12', date '2022-02-01', date '2023-01-22',
        date '2024-02-10', date '2025-01-29', date '2026-02-17', date '2027-02-06',
        date '2028-01-26', date '2029-02-13', date '2030-02-03'
    ]) as new_year
), weighed as (
    select
        day,
        case
            when month(day) = 11 and dayofmonth(day) between 9 and 11 then 4.0
            when month(day) = 6 and dayofmonth(day) between 16 and 18 then 3.0
            when exists (
                select 1 from new_years
                where days.day between new_years.new_year - 3 and new_years.new_year + 7
            ) then 0.3
            when exists (
                select 1 from new_years
                where days.day between new_years.new_year - 24 and new_years.new_year - 4
            ) then 1.3
            when month(day) in (11, 12) then 1.15
            else 1.0
        end * case when isodow(day) >= 6 then 1.15 else 0.94 end as weight
    from days
), scaled as (
    select
        day,
        1 + world_season_strength() * (weight / avg(weight) over () - 1) as weight,
        weight > 2.5 and world_season_strength() > 0 as is_festival
    from weighed
)
select
    date_diff('day', world_from_day(), day)::integer as day_no,
    day,
    weight,
    is_festival,
    sum(weight) over (order by day) - weight as begins_at,
    sum(weight) over (order by day) as ends_at
from scaled
order by day;

-- Rhythms run in a time of their own, which flows faster in season: 16 parts of a day.
create table season_clock as
select part::integer as part, calendar.day_no, calendar.is_festival
from range(0, 16 * (final_day() + 2)::bigint) as parts (part)
inner join calendar
    on part / 16.0 >= calendar.begins_at and part / 16.0 < calendar.ends_at
order by part;
